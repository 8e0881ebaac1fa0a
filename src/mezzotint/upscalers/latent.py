"""Latents made larger by interpolation: no decoding, and details left to the second pass."""

from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from mezzotint.shapes import Latents


@dataclass(frozen=True)
class LatentUpscaler:
    """One kind of interpolation, called with (latents, width, height), sizes in cells."""

    name: str
    mode: Literal["bilinear", "bicubic", "nearest", "nearest-exact"]
    antialias: bool = False

    def __call__(self, latents: Latents, width: int, height: int) -> Float[Tensor, "b c height width"]:
        """The latents in another size."""
        return F.interpolate(latents, size=(height, width), mode=self.mode, antialias=self.antialias)


LATENT = LatentUpscaler("Latent", "bilinear")
LATENT_ANTIALIASED = LatentUpscaler("Latent (antialiased)", "bilinear", antialias=True)
LATENT_BICUBIC = LatentUpscaler("Latent (bicubic)", "bicubic")
LATENT_BICUBIC_ANTIALIASED = LatentUpscaler("Latent (bicubic antialiased)", "bicubic", antialias=True)
LATENT_NEAREST = LatentUpscaler("Latent (nearest)", "nearest")
LATENT_NEAREST_EXACT = LatentUpscaler("Latent (nearest-exact)", "nearest-exact")
