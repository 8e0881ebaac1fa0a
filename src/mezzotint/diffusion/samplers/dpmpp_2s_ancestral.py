"""DPM-Solver++(2S) with fresh noise after each step (Lu et al. 2022, arXiv:2211.01095, algorithm 1)."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from mezzotint.diffusion.samplers.churn import NoiseScale
from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step, ancestral_split
from mezzotint.registry import Limits
from mezzotint.shapes import Latents


def dpmpp_2s_ancestral(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    *,
    eta: Annotated[float, Limits(0, 1)] = 1.0,
    s_noise: NoiseScale = 1.0,
) -> Iterator[Step]:
    """Towards the picture predicted halfway in log sigma, below each level; then noise back up to it.

    ``eta`` is the share of fresh noise, ``s_noise`` scales it.
    """
    for sigma, sigma_next in pairwise(sigmas):
        x0 = denoise(x, sigma).x0
        sigma_down, sigma_up = ancestral_split(sigma, sigma_next, eta)
        if sigma_down > 0:
            sigma_mid = math.sqrt(sigma * sigma_down)
            x0 = denoise(x0 + (x - x0) * (sigma_mid / sigma), sigma_mid).x0
        x = x0 + (x - x0) * (sigma_down / sigma)
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * (s_noise * sigma_up)
        yield Step(x=x, x0=x0, sigma=sigma_next)


DPMPP_2S_A = Sampler(
    name="DPM++ 2S a",
    run=dpmpp_2s_ancestral,
    schedule="Karras",
    order=2,
    second_order=True,
    uses_eta=True,
    uses_ensd=True,
)
