"""Soft inpainting in pixels: how much of the old picture shows, by how far the new one has moved away from it."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor

from mezzotint.imaging.resize import fill
from mezzotint.registry import Limits

_RADIUS, _SPREAD = 2, 1.5  # cells
_SMOOTH_PX = 4


@dataclass(frozen=True)
class SoftComposite:
    """How old and new are put together. ``preservation`` shapes the mask as it does while sampling."""

    preservation: Annotated[float, Limits(0, 8)] = 0.5
    mask_influence: Annotated[float, Limits(0, 1)] = 0.0
    difference_threshold: Annotated[float, Limits(0, 8)] = 0.5
    difference_contrast: Annotated[float, Limits(0, 8)] = 2.0


def soft_mask(
    before: Float[Tensor, "c h w"],
    after: Float[Tensor, "c h w"],
    mask: Float[Tensor, "h w"],
    width: int,
    height: int,
    *,
    how: SoftComposite,
) -> Image.Image:
    """The mask of ``width`` x ``height`` pixels to composite with, white where the new picture shows.

    ``before`` and ``after`` are one picture's latents, ``mask`` their unrounded mask (1 repaints). Distances between
    latents are cleaned of outliers, then held against ``difference_threshold``: there half of the old picture shows.
    """
    distance = np.sqrt(((after - before).double().cpu().numpy() ** 2).sum(axis=0))
    distance = _window_mean(distance, 0.9, 1.0)
    distance = _window_mean(distance, 0.25, 0.75)
    relative = distance / np.maximum(how.difference_threshold * _allowance(mask, how), _TINY)
    shown = 1 - _smootherstep(1 / (1 + relative**how.difference_contrast))
    small = Image.fromarray((255 * shown).astype(np.uint8))
    return fill(small, width, height).filter(ImageFilter.GaussianBlur(_SMOOTH_PX))


def _allowance(mask: Float[Tensor, "h w"], how: SoftComposite) -> NDArray[np.float64]:
    """How many thresholds away the old picture is half gone, by cell: 1 unless the mask has influence."""
    kept = 1 - mask.float().clamp(0, 1).cpu().double().numpy() ** (how.preservation / 2)
    share = 0.5 * (1 - how.mask_influence) + how.mask_influence * kept
    return share / (1.00001 - share)


def _window_mean(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Around each cell, the weighted mean of the neighbours that rank between two shares of the weight, 0..1.

    At least a weight of 1, which is the middle cell's own, is taken in.
    """
    near, weights = _neighbours(values)
    order = np.argsort(near, axis=0, kind="stable")
    near, weights = np.take_along_axis(near, order, 0), np.take_along_axis(weights, order, 0)
    above = np.cumsum(weights, axis=0)
    total = above[-1]
    start, end = total * low, total * high
    middle, width = (start + end) / 2, np.maximum(end - start, 1.0)
    start = np.clip(middle - width / 2, 0, np.maximum(total - width, 0))
    taken = np.clip(np.minimum(above, start + width) - np.maximum(above - weights, start), 0, None)
    return (near * taken).sum(axis=0) / taken.sum(axis=0)


def _neighbours(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The 5 x 5 cells around each one, first axis, with their weights: 0 for those beyond the edge."""
    offsets = range(-_RADIUS, _RADIUS + 1)
    padded = np.pad(values, _RADIUS)
    exists = np.pad(np.ones_like(values), _RADIUS)
    h, w = values.shape
    places = [(y, x) for y in offsets for x in offsets]
    windows = [(slice(y + _RADIUS, y + _RADIUS + h), slice(x + _RADIUS, x + _RADIUS + w)) for y, x in places]
    near = np.stack([padded[window] for window in windows])
    weights = np.stack([_weight(*at) * exists[window] for at, window in zip(places, windows, strict=True)])
    return near, weights


def _weight(y: int, x: int) -> float:
    """A Gaussian, 1 in the middle, lowered so that it reaches 0 one cell beyond the window."""
    end = np.exp(-(((_RADIUS + 1) / _SPREAD) ** 2))
    return max(float((np.exp(-(y * y + x * x) / _SPREAD**2) - end) / (1 - end)), 0.0)


def _smootherstep(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x * x * x * (x * (6 * x - 15) + 10)


_TINY = 1e-12
