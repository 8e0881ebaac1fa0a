"""Noise that is the same on every device: Philox4x32-10 (Salmon et al. 2011) with the normals of NVIDIA's cuRAND."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from mezzotint.diffusion.sampling import Noise
from mezzotint.errors import require
from mezzotint.shapes import Latents

NoiseSource: TypeAlias = Callable[[tuple[int, int, int]], Latents]
"""``(channels, height, width) -> noise``: the next draw of standard normal noise for every picture of a batch."""

_WORD = 0xFFFFFFFF
_ROUNDS = 10
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_KEY_STEPS = 0x9E3779B9, 0xBB67AE85
_TO_UNIT = float(np.float32(2.3283064e-10))  # 2^-32, and below 2 pi times it: float32 constants, as on the GPU
_TO_ANGLE = float(np.float32(np.float32(2.3283064e-10) * np.float32(6.2831855)))


class PhiloxNoise:
    """A `NoiseSource` in which each picture draws from its own seed, whatever else is in the batch.

    Equal to ``torch.randn`` of a CUDA generator with that seed, draw for draw, to about 1e-6.
    """

    def __init__(self, seeds: Sequence[int], *, device: torch.device | str = "cpu") -> None:
        """Seeds may be any integers; they count modulo 2^64."""
        require(len(seeds) > 0, "noise needs at least one seed")
        self._seeds = tuple(seeds)
        self._device = device
        self._draws = 0

    def __call__(self, shape: tuple[int, int, int]) -> Latents:
        """The next draw, one picture of ``shape`` (channels, height, width) per seed, float32."""
        draw, self._draws = self._draws, self._draws + 1
        pictures = [philox_normals(seed, draw, math.prod(shape)).reshape(shape) for seed in self._seeds]
        return torch.tensor(np.stack(pictures), device=self._device)


def step_noise(source: NoiseSource, shape: tuple[int, int, int]) -> Noise:
    """``source`` as samplers ask for it: a draw of ``shape`` (channels, height, width) per step."""
    return lambda sigma, sigma_next: source(shape)


def philox_normals(seed: int, draw: int, count: int) -> npt.NDArray[np.float32]:
    """Values 0 to ``count`` - 1 of the ``draw``-th draw (from 0) under ``seed``."""
    first, second = _philox(seed, draw, count)
    # Box-Muller in double precision, rounded once: numpy's float32 sine and logarithm differ between processors.
    radius = np.sqrt(-2 * np.log(first * _TO_UNIT + _TO_UNIT / 2))
    return (radius * np.sin(second * _TO_ANGLE + _TO_ANGLE / 2)).astype(np.float32)


def _philox(seed: int, draw: int, count: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The first two 32-bit words of each of ``count`` blocks, as floats. Words are kept in 64 bits to hold products."""
    word = np.uint64(_WORD)
    key = [seed & _WORD, (seed >> 32) & _WORD]
    zeros = np.zeros(count, dtype=np.uint64)
    c0, c1, c2, c3 = zeros + np.uint64(draw), zeros, np.arange(count, dtype=np.uint64), zeros
    for _ in range(_ROUNDS):
        product0, product1 = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1 = (product1 >> np.uint64(32)) ^ c1 ^ np.uint64(key[0]), product1 & word
        c2, c3 = (product0 >> np.uint64(32)) ^ c3 ^ np.uint64(key[1]), product0 & word
        key = [(half + step) & _WORD for half, step in zip(key, _KEY_STEPS, strict=True)]
    return c0.astype(np.float64), c1.astype(np.float64)
