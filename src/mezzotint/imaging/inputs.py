"""The pictures that a request brings, read as they are worked on, which is also how they are hashed and kept."""

from pathlib import Path

from PIL import Image

from mezzotint.contract.parts import InitImage, Mask
from mezzotint.contract.requests import GenerationRequest
from mezzotint.imaging.files import read_picture, read_upright
from mezzotint.imaging.kept import keep_picture
from mezzotint.imaging.masks import mask_from


def start_picture(init: InitImage) -> Image.Image:
    """The start picture as 8-bit RGB, upright, on its background. Raises RequestError or DamagedFile."""
    return read_picture(init.picture, background=init.background)


def mask_picture(mask: Mask) -> Image.Image:
    """The mask as 8-bit grey, upright, neither inverted nor blurred yet. Raises RequestError or DamagedFile."""
    return mask_from(read_upright(mask.picture), is_rounded=mask.is_rounded and mask.soft is None)


def keep_inputs(folder: Path, request: GenerationRequest) -> None:
    """Keep start picture and mask, if there are any, under the hashes that infotext tells of them.

    Raises RequestError or DamagedFile if one cannot be read, ResourceError if the disk refuses.
    """
    if request.init is not None:
        keep_picture(folder, start_picture(request.init))
    if request.mask is not None:
        keep_picture(folder, mask_picture(request.mask))
