"""DPM-Solver++(2M): second order from one evaluation per step (Lu et al. 2022, arXiv:2211.01095, algorithm 2)."""

import math
from collections.abc import Iterator
from itertools import pairwise

from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step
from mezzotint.shapes import Latents


def dpmpp_2m(denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise) -> Iterator[Step]:
    """Towards the picture that this prediction and the one before it point to. Draws no noise.

    The first step, and a step to 0, use the present prediction alone.
    """
    x0_before: Latents | None = None
    h_before = 0.0  # width of the step before, in log sigma
    for sigma, sigma_next in pairwise(sigmas):
        x0 = denoise(x, sigma).x0
        aim = x0
        if sigma_next > 0:
            h = math.log(sigma / sigma_next)
            if x0_before is not None:
                aim = x0 + (x0 - x0_before) * (h / (2 * h_before))
            h_before = h
        x = aim + (x - aim) * (sigma_next / sigma)
        x0_before = x0
        yield Step(x=x, x0=x0, sigma=sigma_next)


DPMPP_2M = Sampler(name="DPM++ 2M", run=dpmpp_2m, schedule="Karras", order=2)
