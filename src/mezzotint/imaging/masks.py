"""Masks: 8-bit grey pictures, white where a picture is to be repainted, and what inpainting makes of them."""

import numpy as np
import torch
from einops import rearrange
from PIL import Image, ImageChops

from mezzotint.imaging.gaussian import blur_down
from mezzotint.shapes import Mask

_HALF_OPAQUE = 128


def mask_from(picture: Image.Image, *, is_rounded: bool = True) -> Image.Image:
    """The mask that a picture stands for: where it is opaque if it has alpha anywhere below 255, else its luminance.

    ``is_rounded`` makes an alpha mask black and white: white above 128.
    """
    if picture.has_transparency_data:
        alpha = picture.convert("RGBA").getchannel("A")
        if alpha.getextrema() != (255, 255):
            return alpha.point([255 * (value > _HALF_OPAQUE) for value in range(256)]) if is_rounded else alpha
    return picture.convert("L")


def inverted(mask: Image.Image) -> Image.Image:
    """White and black exchanged."""
    return ImageChops.invert(mask.convert("L"))


def blurred(mask: Image.Image, x: float, y: float) -> Image.Image:
    """The mask with soft edges: Gaussians of ``x`` pixels across, then ``y`` down; 0 leaves a direction sharp."""
    values = np.asarray(mask.convert("L"))
    if x > 0:
        values = blur_down(np.ascontiguousarray(values.T), x).T
    if y > 0:
        values = blur_down(values, y)
    return Image.fromarray(np.ascontiguousarray(values))


def overlay_mask(mask: Image.Image) -> Image.Image:
    """Twice as white: what the result replaces when the whole picture is repainted, so that no old pixel shines through
    where at least half of the mask is."""
    return mask.convert("L").point([min(2 * value, 255) for value in range(256)])


def latent_mask(mask: Image.Image, width: int, height: int, *, is_rounded: bool = True) -> Mask:
    """The mask for latents of ``width`` x ``height`` cells, one row: 1 is repainted, 0 kept.

    ``is_rounded`` leaves nothing between; soft inpainting does without.
    """
    small = mask.convert("L").resize((width, height), Image.Resampling.BICUBIC)
    values = torch.tensor(np.asarray(small), dtype=torch.float32) / 255
    return rearrange(values.round() if is_rounded else values, "h w -> 1 1 h w")
