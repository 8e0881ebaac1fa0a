"""DDIM (Song et al. 2020, arXiv:2010.02502), on its own grid of timesteps and with latents of unit variance."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step, ancestral_split
from mezzotint.registry import Limits
from mezzotint.shapes import Latents


def ddim(
    denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise, *, eta: Annotated[float, Limits(0, 1)] = 0.0
) -> Iterator[Step]:
    """Equation 12: towards the picture, and back along the same noise with a share ``eta`` of it fresh.

    ``x`` is ``(x0 + sigma * noise) / sqrt(1 + sigma^2)``, also in the steps; the last one is read as the picture.
    Written in sigma, the paper's variance (eq. 16) is that of the ancestral split.
    """
    for sigma, sigma_next in pairwise(sigmas):
        spread = x * math.sqrt(1 + sigma**2)
        x0 = denoise(spread, sigma).x0
        sigma_down, sigma_up = ancestral_split(sigma, sigma_next, eta)
        spread = x0 + (spread - x0) * (sigma_down / sigma)
        if sigma_up > 0:
            spread = spread + noise(sigma, sigma_next) * sigma_up
        x = spread / math.sqrt(1 + sigma_next**2)
        yield Step(x=x, x0=x0, sigma=sigma_next)


DDIM = Sampler(name="DDIM", run=ddim, timestep_space=True, uses_eta=True)
