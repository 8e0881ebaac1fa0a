import math

import numpy as np
import pytest
import torch

from mezzotint.imaging.soft import SoftComposite, _window_mean, soft_mask

EVERYTHING = torch.ones(16, 16)


def _levels(distance: float | torch.Tensor, mask: torch.Tensor = EVERYTHING, **how: float) -> np.ndarray:
    after = torch.zeros(4, 16, 16)
    after[2] = distance
    return np.asarray(soft_mask(torch.zeros(4, 16, 16), after, mask, 128, 128, how=SoftComposite(**how)))


def _by_hand(values: np.ndarray, y: int, x: int, low: float, high: float) -> float:
    """The same weighted mean, cell by cell as the definition has it."""
    end = math.exp(-((3 / 1.5) ** 2))
    near = []
    for v in range(max(y - 2, 0), min(y + 3, values.shape[0])):
        for u in range(max(x - 2, 0), min(x + 3, values.shape[1])):
            weight = (math.exp(-((v - y) ** 2 + (u - x) ** 2) / 1.5**2) - end) / (1 - end)
            near.append((values[v, u], max(weight, 0.0)))
    near.sort()
    total = sum(weight for _, weight in near)
    start, stop = total * low, total * high
    if stop - start < 1:
        middle = (start + stop) / 2
        start, stop = middle - 0.5, middle + 0.5
        if stop > total:
            start, stop = total - 1, total
    taken, mean, below = 0.0, 0.0, 0.0
    for value, weight in near:
        part = max(min(below + weight, stop) - max(below, start), 0.0)
        mean, taken, below = mean + value * part, taken + part, below + weight
    return mean / taken


@pytest.mark.parametrize("low, high", [(0.9, 1.0), (0.25, 0.75)])
def test_outliers_are_weighed_cell_by_cell(low: float, high: float) -> None:
    values = (np.arange(63) * 29 % 31).reshape(7, 9) / 31

    means = _window_mean(values, low, high)

    for y in range(7):
        for x in range(9):
            assert means[y, x] == pytest.approx(_by_hand(values, y, x, low, high), abs=1e-12)


def test_an_unchanged_picture_is_kept_and_a_changed_one_replaced() -> None:
    assert _levels(0.0).max() == 0
    assert _levels(50.0).min() == 254  # a byte below white, for fractions are cut off


def test_at_the_threshold_half_shows() -> None:
    assert abs(int(_levels(0.5, difference_threshold=0.5).mean()) - 127) <= 1
    assert abs(int(_levels(2.0, difference_threshold=2.0).mean()) - 127) <= 1


def test_more_contrast_parts_little_from_much() -> None:
    little, much = (_levels(d, difference_contrast=2.0).mean() for d in (0.3, 0.8))
    less, more = (_levels(d, difference_contrast=8.0).mean() for d in (0.3, 0.8))
    assert less < little < much < more


def test_with_influence_the_mask_moves_the_threshold() -> None:
    halves = torch.full((16, 16), 0.05)
    halves[:, 8:] = 1.0

    levels = _levels(0.5, halves, mask_influence=0.5)

    assert levels[64, 20] < 127 < levels[64, 108]


def test_a_change_in_one_half_shows_in_that_half() -> None:
    distance = torch.zeros(16, 16)
    distance[:, 8:] = 9.0

    levels = _levels(distance)

    assert levels.shape == (128, 128)
    assert levels[:, :32].max() <= 2 and levels[:, 96:].min() >= 252


def test_a_single_stray_cell_is_smoothed_away() -> None:
    distance = torch.zeros(16, 16)
    distance[8, 8] = 0.4

    assert _levels(distance).max() < 30


def test_full_influence_under_a_full_mask_divides_by_nothing() -> None:
    assert np.isin(_levels(0.0, mask_influence=1.0), (0, 254, 255)).all()
