"""Giving a picture another shape: stretched, cropped, or filled up at its edges."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from PIL import Image

from mezzotint.errors import require

_CELL_PX = 8  # upscalers are asked for multiples of this, and Lanczos does the rest


Enlarge: TypeAlias = Callable[[Image.Image, int, int], Image.Image]
"""Takes a picture, a width and a height, and returns the picture in exactly that size in pixels."""


def lanczos(image: Image.Image, width: int, height: int) -> Image.Image:
    """Exactly this size in pixels."""
    return image if image.size == (width, height) else image.resize((width, height), Image.Resampling.LANCZOS)


def stretch(image: Image.Image, width: int, height: int, *, enlarge: Enlarge = lanczos) -> Image.Image:
    """Exactly this size in pixels, proportions given up."""
    return _scaled(image, width, height, enlarge)


def crop(image: Image.Image, width: int, height: int, *, enlarge: Enlarge = lanczos) -> Image.Image:
    """Scaled until it covers the size, then trimmed evenly on both sides."""
    if width * image.height > image.width * height:
        scaled = _scaled(image, width, image.height * width // image.width, enlarge)
    else:
        scaled = _scaled(image, image.width * height // image.height, height, enlarge)
    left, top = _centred(scaled, width, height)
    return scaled.crop((-left, -top, width - left, height - top))


def fill(image: Image.Image, width: int, height: int, *, enlarge: Enlarge = lanczos) -> Image.Image:
    """Scaled until it fits inside the size and centred; its outermost pixels are drawn out to the border."""
    if width * image.height < image.width * height:
        scaled = _scaled(image, width, max(image.height * width // image.width, 1), enlarge)
    else:
        scaled = _scaled(image, max(image.width * height // image.height, 1), height, enlarge)
    left, top = _centred(scaled, width, height)
    bands = [(top, height - scaled.height - top), (left, width - scaled.width - left), (0, 0)]
    pixels = np.asarray(scaled)
    return Image.fromarray(np.pad(pixels, bands[: pixels.ndim], mode="edge"))


RESIZERS = {"stretch": stretch, "crop": crop, "fill": fill}
"""By the names of ``contract.requests.Fit``; each takes (image, width, height) with sizes in pixels."""


def multiplied_size(width: int, height: int, factor: float) -> tuple[int, int]:
    """``factor`` times as large, each side brought down to a multiple of 8 px. Raises RequestError below 8 px."""
    sides = tuple(int(side * factor // _CELL_PX) * _CELL_PX for side in (width, height))
    require(min(sides) > 0, f"{width} x {height} times {factor:g} is less than {_CELL_PX} px")
    return sides[0], sides[1]


def _scaled(image: Image.Image, width: int, height: int, enlarge: Enlarge) -> Image.Image:
    """A picture goes through ``enlarge`` if a side grows, then by Lanczos to what is left; masks by Lanczos alone."""
    factor = max(width / image.width, height / image.height)
    if enlarge is not lanczos and factor > 1 and image.mode != "L":
        image = enlarge(image, *multiplied_size(*image.size, factor))
    return lanczos(image, width, height)


def _centred(image: Image.Image, width: int, height: int) -> tuple[int, int]:
    """Left and top that put the image's middle on the canvas's, as A1111 rounds them."""
    return width // 2 - image.width // 2, height // 2 - image.height // 2
