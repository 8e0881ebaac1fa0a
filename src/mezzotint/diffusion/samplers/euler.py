"""Euler steps, with optional churn (Karras et al. 2022, arXiv:2206.00364, algorithm 2 without its correction)."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step
from mezzotint.registry import Limits
from mezzotint.shapes import Latents

_MOST_CHURN = math.sqrt(2) - 1  # of one step: the paper's bound on gamma


def euler(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    *,
    s_churn: Annotated[float, Limits(0, 100)] = 0.0,
    s_tmin: Annotated[float, Limits(0, 10)] = 0.0,
    s_tmax: Annotated[float, Limits(0, math.inf)] = math.inf,
    s_noise: Annotated[float, Limits(0, 1.1)] = 1.0,
) -> Iterator[Step]:
    """Straight towards the predicted picture, one noise level at a time.

    ``s_churn`` spreads that much extra noise over the steps that start between levels ``s_tmin`` and ``s_tmax``, each
    time before the step is taken; ``s_noise`` scales it.
    """
    gamma_within = min(s_churn / max(len(sigmas) - 1, 1), _MOST_CHURN)
    for sigma, sigma_next in pairwise(sigmas):
        gamma = gamma_within if s_tmin <= sigma <= s_tmax else 0.0
        sigma_hat = sigma * (1 + gamma)
        if s_churn > 0:  # drawn also where it is not used, so that the limits do not shift later draws
            x = x + noise(sigma, sigma_next) * (s_noise * math.sqrt(sigma_hat**2 - sigma**2))
        x0 = denoise(x, sigma_hat).x0
        x = x0 + (x - x0) * (sigma_next / sigma_hat)
        yield Step(x=x, x0=x0, sigma=sigma_next)


EULER = Sampler(name="Euler", run=euler)
