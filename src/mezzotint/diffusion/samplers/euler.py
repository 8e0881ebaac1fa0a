"""Euler steps, with optional churn (Karras et al. 2022, arXiv:2206.00364, algorithm 2 without its correction)."""

import math
from collections.abc import Iterator
from itertools import pairwise

from mezzotint.diffusion.samplers.churn import Churn, HighestChurned, LowestChurned, NoiseScale, churning
from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step
from mezzotint.shapes import Latents


def euler(
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
    """Straight towards the predicted picture, one noise level at a time.

    ``s_churn`` spreads that much extra noise over the steps that start between levels ``s_tmin`` and ``s_tmax``, each
    time before the step is taken; ``s_noise`` scales it.
    """
    churned = churning(noise, len(sigmas) - 1, s_churn=s_churn, s_tmin=s_tmin, s_tmax=s_tmax, s_noise=s_noise)
    for sigma, sigma_next in pairwise(sigmas):
        x, sigma_hat = churned(x, sigma, sigma_next)
        x0 = denoise(x, sigma_hat).x0
        x = x0 + (x - x0) * (sigma_next / sigma_hat)
        yield Step(x=x, x0=x0, sigma=sigma_next)


EULER = Sampler(name="Euler", run=euler)
