"""Euler steps with fresh noise after each one (Karras et al. 2022, arXiv:2206.00364; K. Crowson's ancestral form)."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step, ancestral_split
from mezzotint.registry import Limits
from mezzotint.shapes import Latents


def euler_ancestral(
    denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise, *, eta: Annotated[float, Limits(0, 1)] = 1.0
) -> Iterator[Step]:
    """Aim below each noise level, then add noise back up to it.

    ``eta`` is the share of fresh noise: 0 is plain Euler.
    """
    for sigma, sigma_next in pairwise(sigmas):
        x0 = denoise(x, sigma).x0
        sigma_down, sigma_up = ancestral_split(sigma, sigma_next, eta)
        x = x0 + (x - x0) * (sigma_down / sigma)
        if sigma_next > 0:  # never on the last step, which lands on the picture
            x = x + noise(sigma, sigma_next) * sigma_up
        yield Step(x=x, x0=x0, sigma=sigma_next)


EULER_A = Sampler(name="Euler a", run=euler_ancestral, uses_eta=True, uses_ensd=True)
