"""From latents to pictures."""

import numpy as np
import torch
from einops import rearrange
from PIL import Image

from mezzotint.errors import ModelFileError
from mezzotint.families.family import Model
from mezzotint.shapes import Latents, Pixels


def decode(model: Model, latents: Latents) -> Image.Image:
    """The picture of one row of scaled latents. Raises ModelFileError if they or its pixels are not numbers."""
    weight = model.autoencoder.quant_conv.weight
    pixels = model.autoencoder.decode(model.family.latents.unscaled(latents).to(weight.dtype)).float()
    if not bool(torch.isfinite(pixels).all()):  # they would come out black, without a word
        what = "the network's latents" if not bool(torch.isfinite(latents).all()) else "the autoencoder's pixels"
        raise ModelFileError(f"{model.source.name}: {what} are not numbers", hint="the model file may be damaged")
    return to_picture(pixels)


def to_picture(pixels: Pixels) -> Image.Image:
    """One row of pixels as an 8-bit RGB picture. Fractions are cut off, not rounded, as A1111 does."""
    values = ((pixels + 1) / 2).clamp(0, 1) * 255
    array = rearrange(values.to("cpu", torch.uint8), "1 c h w -> h w c").numpy()
    return Image.fromarray(np.ascontiguousarray(array))
