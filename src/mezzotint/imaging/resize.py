"""Giving a picture another shape: stretched, cropped, or filled up at its edges."""

import numpy as np
from PIL import Image


def stretch(image: Image.Image, width: int, height: int) -> Image.Image:
    """Exactly this size in pixels, proportions given up."""
    return image if image.size == (width, height) else image.resize((width, height), Image.Resampling.LANCZOS)


def crop(image: Image.Image, width: int, height: int) -> Image.Image:
    """Scaled until it covers the size, then trimmed evenly on both sides."""
    scale = max(width / image.width, height / image.height)
    cut_width, cut_height = width / scale, height / scale
    left, top = (image.width - cut_width) / 2, (image.height - cut_height) / 2
    box = (max(left, 0.0), max(top, 0.0), min(left + cut_width, image.width), min(top + cut_height, image.height))
    return image.resize((width, height), Image.Resampling.LANCZOS, box=box)


def fill(image: Image.Image, width: int, height: int) -> Image.Image:
    """Scaled until it fits inside the size and centred; its outermost pixels are drawn out to the border."""
    scale = min(width / image.width, height / image.height)
    inner = stretch(image, max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    left, top = (width - inner.width) // 2, (height - inner.height) // 2
    bands = ((top, height - inner.height - top), (left, width - inner.width - left), (0, 0))
    return Image.fromarray(np.pad(np.asarray(inner), bands, mode="edge"))


RESIZERS = {"stretch": stretch, "crop": crop, "fill": fill}
"""By the names of ``contract.requests.Fit``; each takes (image, width, height) with sizes in pixels."""
