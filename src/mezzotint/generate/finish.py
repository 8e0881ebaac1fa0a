"""From a decoded picture to what is handed back: with its own request and infotext."""

from PIL import Image

from mezzotint.contract.infotext import to_infotext
from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import Picture
from mezzotint.families.family import ModelFile
from mezzotint.weights.hashes import short_hash


def finish(
    image: Image.Image, request: GenerationRequest, seed: int, source: ModelFile, *, init_hash: str = ""
) -> Picture:
    """The picture of ``seed`` among those of a resolved request."""
    alone = request.model_copy(update={"seed": seed, "count": 1})
    text = to_infotext(alone, source.stem, short_hash(source.sha256), init_hash=init_hash)
    return Picture(image, alone, text)
