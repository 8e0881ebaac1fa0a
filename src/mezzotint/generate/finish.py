"""From a decoded picture to what is handed back: with its own request and infotext."""

from collections.abc import Mapping

from PIL import Image

from mezzotint.contract.infotext import MadeWith, to_infotext
from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import Picture


def finish(
    image: Image.Image,
    request: GenerationRequest,
    made_with: MadeWith,
    *,
    seed: int,
    subseed: int,
    extra: Mapping[str, object] | None = None,
) -> Picture:
    """The picture of ``seed`` and ``subseed`` among those of a resolved request; ``extra`` goes into its infotext."""
    alone = request.model_copy(update={"seed": seed, "subseed": subseed, "count": 1})
    return Picture(image, alone, to_infotext(alone, made_with, extra=extra))
