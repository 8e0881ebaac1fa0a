"""Sizes of the two passes of the hires fix."""

import math
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from mezzotint.errors import require
from mezzotint.shapes import Latents

_CELL_PX = 8
_OLD_SIDE = 512
_OLD_STEP = 64


@dataclass(frozen=True)
class HiresSize:
    """What the first pass is upscaled to, and how many cells of latents are then trimmed off to proportion."""

    upscaled: tuple[int, int]
    trimmed: tuple[int, int] = (0, 0)

    @property
    def cells(self) -> tuple[int, int]:
        """(width, height) of the upscaled latents before trimming."""
        return self.upscaled[0] // _CELL_PX, self.upscaled[1] // _CELL_PX

    @property
    def final(self) -> tuple[int, int]:
        """(width, height) in pixels of the finished picture."""
        width, height = ((cells - cut) * _CELL_PX for cells, cut in zip(self.cells, self.trimmed, strict=True))
        return width, height

    def trim(self, latents: Latents) -> Float[Tensor, "b c h2 w2"]:
        """Upscaled latents without what is too much, the odd cell taken from the right and the bottom."""
        (left, width), (top, height) = (
            (cut // 2, side // _CELL_PX) for cut, side in zip(self.trimmed, self.final, strict=True)
        )
        return latents[:, :, top : top + height, left : left + width]


def hires_size(
    width: int, height: int, *, scale: float = 2.0, resize_width: int = 0, resize_height: int = 0
) -> HiresSize:
    """Sizes of the second pass for a first one of ``width`` x ``height`` pixels.

    With both resize sides 0 ``scale`` counts; with one, the other follows in proportion; with both, the picture is
    scaled to cover them and trimmed about its middle. Raises RequestError if no cell of 8 px would be left.
    """
    trimmed = (0, 0)
    if resize_width and resize_height:
        if width * resize_height < resize_width * height:
            upscaled = resize_width, resize_width * height // width
        else:
            upscaled = resize_height * width // height, resize_height
        trimmed = (upscaled[0] - resize_width) // _CELL_PX, (upscaled[1] - resize_height) // _CELL_PX
    elif resize_width:
        upscaled = resize_width, resize_width * height // width
    elif resize_height:
        upscaled = resize_height * width // height, resize_height
    else:
        upscaled = int(width * scale), int(height * scale)
    size = HiresSize(upscaled, trimmed)
    require(min(size.final) > 0, f"a second pass of {upscaled[0]} x {upscaled[1]} px is less than {_CELL_PX} px")
    return size


def old_first_pass(width: int, height: int) -> tuple[int, int]:
    """The first pass's size for a final one, as before resize sides existed: about 512² pixels, in steps of 64."""
    scale = math.sqrt(_OLD_SIDE * _OLD_SIDE / (width * height))
    return math.ceil(scale * width / _OLD_STEP) * _OLD_STEP, math.ceil(scale * height / _OLD_STEP) * _OLD_STEP
