"""Gaussian blur of 8-bit masks in whole numbers, bit for bit the one that OpenCV computes and A1111 calls."""

import math

import numpy as np
from numpy.typing import NDArray

from mezzotint.errors import require

_ONE = 256  # a kernel's sum: weights are in 1/256
_COLUMNS = 64  # blurred at once, so that they stay in the processor's cache


def kernel(sigma: float) -> NDArray[np.uint16]:
    """Weights in 1/256 that sum to 256, ``2 * int(2.5 * sigma + 0.5) + 1`` of them. Raises RequestError if sigma <= 0.

    Rounding errors are handed on from the outermost weight inwards; the one in the middle takes up the rest.
    """
    require(0 < sigma < math.inf, f"a blur must be above 0, got {sigma:g}")
    radius = int(2.5 * sigma + 0.5)
    exact = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    exact *= _ONE / exact.sum()
    whole, error = np.zeros(2 * radius + 1, np.uint16), 0.0
    for i in range(radius):
        whole[i] = whole[-1 - i] = round(exact[i] + error)
        error += exact[i] - float(whole[i])
    whole[radius] = _ONE - int(whole.sum())
    return whole


def blur_down(values: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """Each column of (height, width) blurred by itself. Beyond the edges the picture is mirrored about its last row."""
    weights = kernel(sigma)
    blurred = np.empty_like(values)
    for left in range(0, values.shape[1], _COLUMNS):
        strip = values[:, left : left + _COLUMNS]
        is_even = strip.min() == strip.max()  # most of most masks
        blurred[:, left : left + _COLUMNS] = strip if is_even else _weighted(strip, weights)
    return blurred


def _weighted(strip: NDArray[np.uint8], weights: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """No sum exceeds 255 * 256 + 128, so 16 bits hold them all."""
    rows, radius = len(strip), len(weights) // 2
    padded = np.pad(strip, ((radius, radius), (0, 0)), mode="reflect").astype(np.uint16)
    total = np.full(strip.shape, _ONE // 2, np.uint16)
    for weight in np.unique(weights[weights > 0]):  # one product for all rows of the same weight
        alike = np.zeros(strip.shape, np.uint16)
        for start in np.flatnonzero(weights == weight):
            alike += padded[start : start + rows]
        total += alike * weight
    return (total >> 8).astype(np.uint8)
