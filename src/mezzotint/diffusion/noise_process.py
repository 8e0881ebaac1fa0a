"""How a model was trained to see noise: its levels, the timesteps that name them, and what its output means."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from mezzotint.errors import require
from mezzotint.shapes import Latents

Prediction: TypeAlias = Literal["noise", "velocity"]


@dataclass(frozen=True)
class NoiseProcess:
    """Noise levels of training, and the translation between a network's terms and ``x = x0 + sigma * noise``.

    ``sigmas`` holds the level of each timestep 0, 1, …, rising and above 0. In between, log sigma is linear in the
    timestep, so both may be fractional.
    """

    sigmas: tuple[float, ...]
    predicts: Prediction

    def __post_init__(self) -> None:
        require(len(self.sigmas) >= 2, f"a noise process needs at least 2 levels, got {len(self.sigmas)}")
        rising = self.sigmas[0] > 0 and all(low < high for low, high in pairwise(self.sigmas))
        require(rising, "the levels of a noise process must be above 0 and rise with the timestep")

    @property
    def sigma_min(self) -> float:
        """Level of timestep 0."""
        return self.sigmas[0]

    @property
    def sigma_max(self) -> float:
        """Level of the last timestep."""
        return self.sigmas[-1]

    @property
    def last_timestep(self) -> int:
        """The noisiest timestep, one below their number."""
        return len(self.sigmas) - 1

    def sigma(self, timestep: float) -> float:
        """Noise level of a timestep, which is first clamped to 0..``last_timestep``."""
        t = min(max(timestep, 0.0), float(self.last_timestep))
        below = min(int(t), self.last_timestep - 1)
        share = t - below
        if share in (0.0, 1.0):  # a level of the table comes back exactly, not as exp(log(…))
            return self.sigmas[below + int(share)]
        low, high = math.log(self.sigmas[below]), math.log(self.sigmas[below + 1])
        return math.exp(low + share * (high - low))

    def timestep(self, sigma: float) -> float:
        """Fractional timestep of a noise level above 0, clamped to 0..``last_timestep``."""
        if sigma <= self.sigma_min:
            return 0.0
        if sigma >= self.sigma_max:
            return float(self.last_timestep)
        below = bisect_right(self.sigmas, sigma) - 1
        low, high = math.log(self.sigmas[below]), math.log(self.sigmas[below + 1])
        return below + (math.log(sigma) - low) / (high - low)

    def input_scale(self, sigma: float) -> float:
        """What ``x`` is multiplied with before the network sees it: unit variance for data of unit variance."""
        return 1 / math.sqrt(sigma**2 + 1)

    def x0(self, x: Latents, output: Latents, sigma: float) -> Latents:
        """The clean picture that the network's ``output`` for ``x`` stands for."""
        if self.predicts == "noise":
            return x - output * sigma
        variance = sigma**2 + 1  # velocity: Salimans & Ho 2022, arXiv:2202.00512, appendix D
        return x / variance - output * (sigma / math.sqrt(variance))


def discrete(betas: Sequence[float], *, predicts: Prediction) -> NoiseProcess:
    """The process of a model trained on ``len(betas)`` timesteps, each adding noise of variance ``beta``.

    The remaining share of signal is rounded to float32, as the released models store it.
    """
    signal = np.cumprod(1.0 - np.asarray(betas, dtype=np.float64)).astype(np.float32)
    sigmas = np.sqrt((np.float32(1) - signal) / signal)
    return NoiseProcess(sigmas=tuple(float(sigma) for sigma in sigmas), predicts=predicts)


def scaled_linear(low: float, high: float, *, steps: int = 1000) -> tuple[float, ...]:
    """Betas whose square roots are evenly spaced, from ``low`` to ``high`` (Rombach et al. 2022)."""
    return tuple(float(beta) for beta in np.linspace(low**0.5, high**0.5, steps, dtype=np.float64) ** 2)
