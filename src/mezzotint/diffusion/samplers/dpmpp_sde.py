"""DPM-Solver++ for the stochastic equation, two evaluations per step (Lu et al. 2022, arXiv:2211.01095, section 5)."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from mezzotint.diffusion.samplers.churn import NoiseScale
from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step, ancestral_split
from mezzotint.registry import Limits
from mezzotint.shapes import Latents


def dpmpp_sde(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    *,
    eta: Annotated[float, Limits(0, 1)] = 1.0,
    s_noise: NoiseScale = 1.0,
) -> Iterator[Step]:
    """Towards the picture predicted halfway in log sigma, where the noise of the first half step has come in.

    The whole step starts again from its beginning, with the noise of the whole: the path that ``noise`` follows goes
    through both. ``eta`` is the share of fresh noise, ``s_noise`` scales it.
    """
    for sigma, sigma_next in pairwise(sigmas):
        x0 = denoise(x, sigma).x0
        if sigma_next > 0:
            sigma_mid = math.sqrt(sigma * sigma_next)
            down, up = ancestral_split(sigma, sigma_mid, eta)
            halfway = x0 + (x - x0) * (down / sigma) + noise(sigma, sigma_mid) * (s_noise * up)
            x0 = denoise(halfway, sigma_mid).x0
            down, up = ancestral_split(sigma, sigma_next, eta)
            x = x0 + (x - x0) * (down / sigma) + noise(sigma, sigma_next) * (s_noise * up)
        else:
            x = x0
        yield Step(x=x, x0=x0, sigma=sigma_next)


DPMPP_SDE = Sampler(
    name="DPM++ SDE", run=dpmpp_sde, schedule="Karras", order=2, second_order=True, brownian=True, uses_eta=True
)
