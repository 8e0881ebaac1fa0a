"""Heun's steps, with optional churn (Karras et al. 2022, arXiv:2206.00364, algorithm 2)."""

import math
from collections.abc import Iterator
from itertools import pairwise

from mezzotint.diffusion.samplers.churn import Churn, HighestChurned, LowestChurned, NoiseScale, churning
from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step
from mezzotint.shapes import Latents


def heun(
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
    """Along the mean of the slopes at both ends of each step.

    ``s_churn`` spreads that much extra noise over the steps that start between levels ``s_tmin`` and ``s_tmax``, each
    time before the step is taken; ``s_noise`` scales it.
    """
    churned = churning(noise, len(sigmas) - 1, s_churn=s_churn, s_tmin=s_tmin, s_tmax=s_tmax, s_noise=s_noise)
    for sigma, sigma_next in pairwise(sigmas):
        yield (step := heun_step(denoise, *churned(x, sigma, sigma_next), sigma_next))
        x = step.x


def heun_step(denoise: Denoise, x: Latents, sigma: float, sigma_next: float) -> Step:
    """One step down to ``sigma_next``; to 0, where there is no slope, Euler's."""
    x0 = denoise(x, sigma).x0
    slope = (x - x0) / sigma
    guess = x0 + slope * sigma_next
    if sigma_next == 0:
        return Step(x=guess, x0=x0, sigma=sigma_next)
    x0_next = denoise(guess, sigma_next).x0
    slope_next = (guess - x0_next) / sigma_next
    return Step(x=x + (slope + slope_next) * ((sigma_next - sigma) / 2), x0=x0_next, sigma=sigma_next)


HEUN = Sampler(name="Heun", run=heun, order=2, second_order=True)
