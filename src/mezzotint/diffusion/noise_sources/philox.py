"""Noise that is the same on every device: Philox4x32-10 (Salmon et al. 2011) with the normals of NVIDIA's cuRAND."""

import math
from itertools import count

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mezzotint.diffusion.noise_sources.source import Normals

_WORD = 0xFFFFFFFF
_ROUNDS = 10
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_KEY_STEPS = 0x9E3779B9, 0xBB67AE85
_TO_UNIT = float(np.float32(2.3283064e-10))  # 2^-32, and below 2 pi times it: float32 constants, as on the GPU
_TO_ANGLE = float(np.float32(np.float32(2.3283064e-10) * np.float32(6.2831855)))


def philox(seed: int, device: torch.device | str = "cpu") -> Normals:
    """Equal to ``torch.randn`` of a CUDA generator with that seed, draw for draw, to about 1e-6.

    So it is for as many values as the card has threads, which a picture's latents seldom exceed.
    """
    draws = count()

    def draw(shape: tuple[int, ...]) -> Tensor:
        return torch.tensor(philox_normals(seed, next(draws), math.prod(shape)).reshape(shape), device=device)

    return draw


def philox_normals(seed: int, draw: int, size: int) -> npt.NDArray[np.float32]:
    """Values 0 to ``size`` - 1 of the ``draw``-th draw (from 0) under ``seed``."""
    first, second = _words(seed, draw, size)
    # Box-Muller in double precision, rounded once: numpy's float32 sine and logarithm differ between processors.
    radius = np.sqrt(-2 * np.log(first * _TO_UNIT + _TO_UNIT / 2))
    return (radius * np.sin(second * _TO_ANGLE + _TO_ANGLE / 2)).astype(np.float32)


def _words(seed: int, draw: int, size: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The first two 32-bit words of each of ``size`` blocks, as floats. Words are kept in 64 bits to hold products."""
    word = np.uint64(_WORD)
    key = [seed & _WORD, (seed >> 32) & _WORD]
    zeros = np.zeros(size, dtype=np.uint64)
    c0, c1, c2, c3 = zeros + np.uint64(draw), zeros, np.arange(size, dtype=np.uint64), zeros
    for _ in range(_ROUNDS):
        product0, product1 = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1 = (product1 >> np.uint64(32)) ^ c1 ^ np.uint64(key[0]), product1 & word
        c2, c3 = (product0 >> np.uint64(32)) ^ c3 ^ np.uint64(key[1]), product0 & word
        key = [(half + step) & _WORD for half, step in zip(key, _KEY_STEPS, strict=True)]
    return c0.astype(np.float64), c1.astype(np.float64)
