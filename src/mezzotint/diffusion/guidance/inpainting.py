"""Inpainting with any model: what lies outside the mask is put back in every call."""

import math
from collections.abc import Callable
from typing import TypeAlias

from jaxtyping import Float
from torch import Tensor

from mezzotint.diffusion.sampling import Denoise, Denoised
from mezzotint.shapes import Latents

Blend: TypeAlias = Callable[[Latents, float], Latents]
"""``(latents, sigma) -> latents`` with the original put back outside the mask."""

LatentMask: TypeAlias = Float[Tensor, "masks 1 h w"]
"""0 keeps, 1 repaints; one for all pictures or one for each."""


def keep_outside(mask: LatentMask, original: Latents, denoise: Denoise, *, timestep_space: bool = False) -> Denoise:
    """``denoise`` that changes nothing outside the mask; ``timestep_space`` is the sampler's."""
    wrap = blend_before if timestep_space else blend_after
    return wrap(original_outside(mask, original), denoise)


def original_outside(mask: LatentMask, original: Latents) -> Blend:
    """``original`` where the mask is 0, a mix where it is between. The result of a run is blended once more."""
    return lambda latents, sigma: latents * mask + original * (1 - mask)


def blend_after(blend: Blend, denoise: Denoise) -> Denoise:
    """Blend each prediction of the picture, as A1111 does for samplers that count in noise levels."""

    def blended(x: Latents, sigma: float) -> Denoised:
        denoised = denoise(x, sigma)
        return Denoised(x0=blend(denoised.x0, sigma), unconditional=denoised.unconditional)

    return blended


def blend_before(blend: Blend, denoise: Denoise) -> Denoise:
    """Blend what the model sees, as A1111 does for samplers that count in timesteps.

    The original is put back without noise, into latents of unit variance. Only the model sees that: the sampler goes
    on from its own state, with the noise that the model found.
    """

    def blended(x: Latents, sigma: float) -> Denoised:
        length = math.hypot(sigma, 1)
        seen = blend(x / length, sigma) * length
        denoised = denoise(seen, sigma)
        put_back = x - seen  # x less the noise found, not ``seen`` less the noise found
        return Denoised(x0=denoised.x0 + put_back, unconditional=denoised.unconditional + put_back)

    return blended
