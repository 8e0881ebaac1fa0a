"""From latents to pictures, in tiles where memory is short."""

import numpy as np
import torch
from einops import rearrange
from PIL import Image

from mezzotint.diffusion.finite import require_finite
from mezzotint.engine.memory import fits_whole
from mezzotint.families.family import Model
from mezzotint.imaging.tiling import tiled
from mezzotint.shapes import Latents, Pixels

TILE_CELLS, OVERLAP_CELLS = 64, 16


def decode(model: Model, latents: Latents) -> Image.Image:
    """The picture of one row of scaled latents. Raises NotNumbers if they or its pixels are not numbers."""
    require_finite(latents, f"{model.source.name}: the network's latents")
    weight = model.autoencoder.quant_conv.weight
    unscaled = model.family.latents.unscaled(latents).to(weight.dtype)
    height, width = (side * model.family.latents.cell_px for side in latents.shape[-2:])
    if fits_whole(weight.device, width * height):
        pixels = model.autoencoder.decode(unscaled).float()
    else:
        pixels = tiled(unscaled, model.autoencoder.decode, tile=TILE_CELLS, overlap=OVERLAP_CELLS).float()
    require_finite(
        pixels, f"{model.source.name}: the autoencoder's pixels"
    )  # they would come out black, without a word
    return to_picture(pixels)


def to_picture(pixels: Pixels) -> Image.Image:
    """One row of pixels as an 8-bit RGB picture. Fractions are cut off, not rounded, as A1111 does."""
    values = ((pixels + 1) / 2).clamp(0, 1) * 255
    array = rearrange(values.to("cpu", torch.uint8), "1 c h w -> h w c").numpy()
    return Image.fromarray(np.ascontiguousarray(array))
