"""DPM-Solver++(3M) for the stochastic equation: K. Crowson's third-order sibling of 2M (k-diffusion, 2023)."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from mezzotint.diffusion.samplers.churn import NoiseScale
from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step
from mezzotint.registry import Limits
from mezzotint.shapes import Latents


def dpmpp_3m_sde(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    *,
    eta: Annotated[float, Limits(0, 1)] = 1.0,
    s_noise: NoiseScale = 1.0,
) -> Iterator[Step]:
    """Along the parabola, in log sigma, through this prediction and the two before it.

    ``eta`` is the share of fresh noise, ``s_noise`` scales it. A step to 0 lands on the prediction.
    """
    past: list[tuple[Latents, float]] = []  # predictions and the width of the step after each; the latest first
    for sigma, sigma_next in pairwise(sigmas):
        x0 = denoise(x, sigma).x0
        if sigma_next == 0:
            x = x0
        else:
            h = math.log(sigma / sigma_next)
            width = h * (1 + eta)
            x = x0 + (x - x0) * math.exp(-width) + _correction(x0, h, width, past)
            if eta > 0:
                x = x + noise(sigma, sigma_next) * (s_noise * sigma_next * math.sqrt(-math.expm1(-2 * eta * h)))
            past = [(x0, h), *past][:2]
        yield Step(x=x, x0=x0, sigma=sigma_next)


def _correction(x0: Latents, h: float, width: float, past: list[tuple[Latents, float]]) -> Latents | float:
    """What first and second derivative of the prediction, in units of this step, add over the step."""
    if not past:
        return 0.0
    of_first = math.expm1(-width) / width + 1
    (x0_1, h_1), *earlier = past
    r0 = h_1 / h
    slope = (x0 - x0_1) / r0
    if not earlier:
        return slope * of_first
    ((x0_2, h_2),) = earlier
    r1 = h_2 / h
    bend = (slope - (x0_1 - x0_2) / r1) / (r0 + r1)
    return (slope + bend * r0) * of_first - bend * (of_first / width - 0.5)


DPMPP_3M_SDE = Sampler(
    name="DPM++ 3M SDE",
    run=dpmpp_3m_sde,
    schedule="Exponential",
    order=2,  # the published weight of the bend is twice what third order asks for
    discard_penultimate=True,
    brownian=True,
    uses_eta=True,
)
