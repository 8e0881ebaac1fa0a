"""DPM-Solver++(2M) for the stochastic equation (Lu et al. 2022, arXiv:2211.01095), with two forms of its correction."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Annotated, TypeAlias

from mezzotint.diffusion.samplers.churn import NoiseScale
from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step
from mezzotint.registry import Limits
from mezzotint.shapes import Latents

_Eta: TypeAlias = Annotated[float, Limits(0, 1)]


def dpmpp_2m_sde(
    denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise, *, eta: _Eta = 1.0, s_noise: NoiseScale = 1.0
) -> Iterator[Step]:
    """Corrected by the slope of the predictions at the step's middle.

    ``eta`` is the share of fresh noise, ``s_noise`` scales it. A step to 0 lands on the prediction.
    """
    return _run(denoise, x, sigmas, noise, eta, s_noise, lambda width: -math.expm1(-width) / 2)


def dpmpp_2m_sde_heun(
    denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise, *, eta: _Eta = 1.0, s_noise: NoiseScale = 1.0
) -> Iterator[Step]:
    """Corrected by the integral of the predictions' slope over the step.

    ``eta`` is the share of fresh noise, ``s_noise`` scales it. A step to 0 lands on the prediction.
    """
    return _run(denoise, x, sigmas, noise, eta, s_noise, lambda width: math.expm1(-width) / width + 1)


def _run(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    eta: float,
    s_noise: float,
    correction: Callable[[float], float],
) -> Iterator[Step]:
    """``correction``: how much of the predictions' change per step is added, by the step's width in log sigma."""
    x0_before: Latents | None = None
    h_before = 0.0
    for sigma, sigma_next in pairwise(sigmas):
        x0 = denoise(x, sigma).x0
        if sigma_next == 0:
            x = x0
        else:
            h = math.log(sigma / sigma_next)
            width = h * (1 + eta)
            x = x0 + (x - x0) * math.exp(-width)
            if x0_before is not None:
                x = x + (x0 - x0_before) * (correction(width) * h / h_before)
            if eta > 0:
                x = x + noise(sigma, sigma_next) * (s_noise * sigma_next * math.sqrt(-math.expm1(-2 * eta * h)))
            h_before = h
        x0_before = x0
        yield Step(x=x, x0=x0, sigma=sigma_next)


DPMPP_2M_SDE = Sampler(
    name="DPM++ 2M SDE", run=dpmpp_2m_sde, schedule="Exponential", order=2, brownian=True, uses_eta=True
)
DPMPP_2M_SDE_HEUN = Sampler(
    name="DPM++ 2M SDE Heun",
    run=dpmpp_2m_sde_heun,
    schedule="Exponential",
    order=2,
    brownian=True,
    uses_eta=True,
    solver_type="heun",
)
