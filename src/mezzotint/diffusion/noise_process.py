"""How a model was trained to see noise: its levels, the timesteps that name them, and what its output means."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from mezzotint.errors import require
from mezzotint.shapes import Latents

Prediction: TypeAlias = Literal["noise", "velocity"]

_TERMINAL_SIGNAL = 4.8973451890853435e-08  # what A1111 puts in place of 0


@dataclass(frozen=True)
class NoiseProcess:
    """Noise levels of training, and the translation between a network's terms and ``x = x0 + sigma * noise``.

    ``sigmas`` holds the level of each timestep 0, 1, …, rising and above 0. In between, log sigma is linear in the
    timestep, so both may be fractional.
    ``signal`` is the share of variance at each timestep that is picture ("alphas_cumprod"), where training was told in
    these terms.
    ``nearest_timesteps``: the network is given whole timesteps, the nearest ones.
    ``whole_velocity``: a velocity is read at the whole part of its timestep, as A1111's timestep samplers do.
    """

    sigmas: tuple[float, ...]
    predicts: Prediction
    signal: tuple[float, ...] = ()
    nearest_timesteps: bool = False
    whole_velocity: bool = False

    def __post_init__(self) -> None:
        require(len(self.sigmas) >= 2, f"a noise process needs at least 2 levels, got {len(self.sigmas)}")
        rising = self.sigmas[0] > 0 and all(low < high for low, high in pairwise(self.sigmas))
        require(rising, "the levels of a noise process must be above 0 and rise with the timestep")
        told = len(self.signal) in (0, len(self.sigmas))
        require(told, f"{len(self.sigmas)} levels cannot have {len(self.signal)} shares of signal")

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
        """Timestep of a noise level above 0 as the network is told it, clamped to 0..``last_timestep``."""
        timestep = self._fractional_timestep(sigma)
        return float(math.ceil(timestep - 0.5)) if self.nearest_timesteps else timestep

    def input_scale(self, sigma: float) -> float:
        """What ``x`` is multiplied with before the network sees it: unit variance for data of unit variance."""
        return 1 / math.sqrt(sigma**2 + 1)

    def x0(self, x: Latents, output: Latents, sigma: float) -> Latents:
        """The clean picture that the network's ``output`` for ``x`` stands for."""
        if self.predicts == "noise":
            return x - output * sigma
        variance = sigma**2 + 1  # velocity: Salimans & Ho 2022, arXiv:2202.00512, appendix D
        if not self.whole_velocity:
            return x / variance - output * (sigma / math.sqrt(variance))
        read_at = self.sigmas[int(self._fractional_timestep(sigma))]
        read_length = math.hypot(read_at, 1)
        share = 1 - sigma * read_at / (math.sqrt(variance) * read_length)
        return x * share - output * (sigma / read_length)

    def _fractional_timestep(self, sigma: float) -> float:
        if sigma <= self.sigma_min:
            return 0.0
        if sigma >= self.sigma_max:
            return float(self.last_timestep)
        below = bisect_right(self.sigmas, sigma) - 1
        low, high = math.log(self.sigmas[below]), math.log(self.sigmas[below + 1])
        return below + (math.log(sigma) - low) / (high - low)


def discrete(betas: Sequence[float], *, predicts: Prediction) -> NoiseProcess:
    """The process of a model trained on ``len(betas)`` timesteps, each adding noise of variance ``beta``.

    The remaining share of signal is rounded to float32, as the released models store it.
    """
    signal = np.cumprod(1.0 - np.asarray(betas, dtype=np.float64)).astype(np.float32)
    return NoiseProcess(sigmas=_sigmas(signal), predicts=predicts, signal=_floats(signal))


def scaled_linear(low: float, high: float, *, steps: int = 1000) -> tuple[float, ...]:
    """Betas whose square roots are evenly spaced, from ``low`` to ``high`` (Rombach et al. 2022)."""
    return tuple(float(beta) for beta in np.linspace(low**0.5, high**0.5, steps, dtype=np.float64) ** 2)


def zero_terminal_snr(noise_process: NoiseProcess) -> NoiseProcess:
    """The same model, its levels stretched until nothing is left of the picture (Lin et al. 2023, arXiv:2305.08891).

    The last level's share of signal is a little above 0, where the level would be infinite. Raises RequestError if the
    process was not made from betas.
    """
    root = np.sqrt(_signal(noise_process))
    stretched = ((root - root[-1]) * (root[0] / (root[0] - root[-1]))) ** 2
    stretched[-1] = _TERMINAL_SIGNAL
    return replace(noise_process, sigmas=_sigmas(stretched), signal=_floats(stretched))


def downcast(noise_process: NoiseProcess) -> NoiseProcess:
    """The same model with its shares of signal rounded to half precision, as older versions of A1111 had them.

    Raises RequestError if the process was not made from betas.
    """
    rounded = _signal(noise_process).astype(np.float16).astype(np.float32)
    return replace(noise_process, sigmas=_sigmas(rounded), signal=_floats(rounded))


def quantized(noise_process: NoiseProcess) -> NoiseProcess:
    """The same model told whole timesteps only."""
    return replace(noise_process, nearest_timesteps=True)


def for_timestep_sampler(noise_process: NoiseProcess) -> NoiseProcess:
    """The same model as samplers with their own grid of timesteps use it.

    Their timesteps are not rounded. Those between two levels are read at the lower one when velocity is turned to
    noise; only UniPC visits such.
    """
    return replace(noise_process, nearest_timesteps=False, whole_velocity=True)


def _signal(noise_process: NoiseProcess) -> npt.NDArray[np.float32]:
    require(len(noise_process.signal) > 0, "this noise process was not made from betas: its levels are as they are")
    return np.asarray(noise_process.signal, dtype=np.float32)


def _sigmas(signal: npt.NDArray[np.float32]) -> tuple[float, ...]:
    return _floats(np.sqrt((np.float32(1) - signal) / signal))


def _floats(values: npt.NDArray[np.float32]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
