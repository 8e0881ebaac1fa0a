"""Churn: a little noise added before a step, so that the step also mends what is amiss in the state.

Karras et al. 2022, arXiv:2206.00364, algorithm 2.
"""

import math
from collections.abc import Callable
from typing import Annotated, TypeAlias

from mezzotint.diffusion.sampling import Noise
from mezzotint.registry import Limits
from mezzotint.shapes import Latents

Churn: TypeAlias = Annotated[float, Limits(0, 100)]
LowestChurned: TypeAlias = Annotated[float, Limits(0, 10)]
HighestChurned: TypeAlias = Annotated[float, Limits(0, math.inf)]
NoiseScale: TypeAlias = Annotated[float, Limits(0, 1.1)]

_MOST_CHURN = math.sqrt(2) - 1  # of one step: the paper's bound on gamma


def churning(
    noise: Noise, steps: int, *, s_churn: float, s_tmin: float, s_tmax: float, s_noise: float
) -> Callable[[Latents, float, float], tuple[Latents, float]]:
    """``(x, sigma, sigma_next) -> (x, sigma)``: the state and its level after the noise of one step is added.

    ``s_churn`` is spread over all ``steps``, of which those get noise that start between ``s_tmin`` and ``s_tmax``;
    ``s_noise`` scales it.
    """
    gamma_within = min(s_churn / max(steps, 1), _MOST_CHURN)

    def churned(x: Latents, sigma: float, sigma_next: float) -> tuple[Latents, float]:
        if s_churn == 0:
            return x, sigma
        gamma = gamma_within if s_tmin <= sigma <= s_tmax else 0.0
        sigma_hat = sigma * (1 + gamma)
        # Drawn also where it is not used, so that the limits do not shift later draws.
        return x + noise(sigma, sigma_next) * (s_noise * math.sqrt(sigma_hat**2 - sigma**2)), sigma_hat

    return churned
