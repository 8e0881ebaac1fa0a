"""Rough pictures from latents by a linear map, without the autoencoder."""

from typing import cast

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from mezzotint.families.family import LatentSpace
from mezzotint.shapes import Latents, Pixels


def preview(latents: Latents, space: LatentSpace) -> Pixels:
    """One pixel per cell of scaled latents, clamped to -1..1."""
    to_rgb = torch.tensor(space.preview_rgb, dtype=latents.dtype, device=latents.device)
    offset = torch.tensor(space.preview_offset, dtype=latents.dtype, device=latents.device)
    return (torch.einsum("b c h w, c r -> b r h w", latents, to_rgb) + offset[:, None, None]).clamp(-1, 1)


def fit_preview(
    latents: Latents, pixels: Float[Tensor, "b 3 height width"]
) -> tuple[Float[Tensor, "c 3"], Float[Tensor, " 3"]]:
    """``preview_rgb`` and ``preview_offset`` for an autoencoder: least squares on pictures and their latents."""
    small = F.interpolate(pixels, size=latents.shape[-2:], mode="area")
    cells = rearrange(latents, "b c h w -> (b h w) c")
    with_one = torch.cat([cells, torch.ones_like(cells[:, :1])], dim=1)
    wanted = rearrange(small, "b r h w -> (b h w) r")
    # torch.linalg carries no types
    solution = cast(Tensor, torch.linalg.lstsq(with_one, wanted).solution)  # pyright: ignore[reportUnknownMemberType]
    return solution[:-1], solution[-1]
