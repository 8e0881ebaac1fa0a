"""DPM-Solver-2 as midpoint steps in log sigma (Lu et al. 2022, arXiv:2206.00927), plain and ancestral."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from mezzotint.diffusion.samplers.churn import Churn, HighestChurned, LowestChurned, NoiseScale, churning
from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step, ancestral_split
from mezzotint.registry import Limits
from mezzotint.shapes import Latents


def dpm2(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    *,
    s_churn: Churn = 0.0,
    s_tmin: LowestChurned = 0.0,
    s_tmax: HighestChurned = math.inf,
    s_noise: NoiseScale = 1.0,
) -> Iterator[Step]:
    """Along the slope at the geometric mean of both levels.

    ``s_churn`` spreads that much extra noise over the steps that start between levels ``s_tmin`` and ``s_tmax``, each
    time before the step is taken; ``s_noise`` scales it.
    """
    churned = churning(noise, len(sigmas) - 1, s_churn=s_churn, s_tmin=s_tmin, s_tmax=s_tmax, s_noise=s_noise)
    for sigma, sigma_next in pairwise(sigmas):
        x, x0 = _midpoint(denoise, *churned(x, sigma, sigma_next), sigma_next)
        yield Step(x=x, x0=x0, sigma=sigma_next)


def dpm2_ancestral(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    *,
    eta: Annotated[float, Limits(0, 1)] = 1.0,
    s_noise: NoiseScale = 1.0,
) -> Iterator[Step]:
    """The same aimed below each level, then noise back up to it.

    ``eta`` is the share of fresh noise, ``s_noise`` scales it.
    """
    for sigma, sigma_next in pairwise(sigmas):
        sigma_down, sigma_up = ancestral_split(sigma, sigma_next, eta)
        x, x0 = _midpoint(denoise, x, sigma, sigma_down)
        if sigma_down > 0:
            x = x + noise(sigma, sigma_next) * (s_noise * sigma_up)
        yield Step(x=x, x0=x0, sigma=sigma_next)


def _midpoint(denoise: Denoise, x: Latents, sigma: float, sigma_next: float) -> tuple[Latents, Latents]:
    """The state at ``sigma_next`` and the prediction that led there; Euler's step if that is 0."""
    x0 = denoise(x, sigma).x0
    if sigma_next == 0:
        return x0, x0
    sigma_mid = math.sqrt(sigma * sigma_next)
    halfway = x0 + (x - x0) * (sigma_mid / sigma)
    x0 = denoise(halfway, sigma_mid).x0
    return x + (halfway - x0) * ((sigma_next - sigma) / sigma_mid), x0


DPM2 = Sampler(name="DPM2", run=dpm2, schedule="Karras", order=2, second_order=True, discard_penultimate=True)
DPM2_A = Sampler(
    name="DPM2 a",
    run=dpm2_ancestral,
    schedule="Karras",
    order=2,
    second_order=True,
    discard_penultimate=True,
    uses_eta=True,
    uses_ensd=True,
)
