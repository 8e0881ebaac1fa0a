"""Contrast taken back: the spread of each picture, by the amount asked for."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.diffusion.guidance.rescaling import rescaled

ROUNDING = 1e-5  # relative, of a standard deviation of 256 values in float32
GENERATOR = torch.Generator().manual_seed(0)
POSITIVE, GUIDED = torch.randn(2, 3, 4, 8, 8, generator=GENERATOR) * torch.tensor([1.0, 5.0])[:, None, None, None, None]


def spreads(x0: torch.Tensor) -> torch.Tensor:
    return x0.flatten(1).std(1)


def test_an_amount_of_zero_changes_nothing() -> None:
    assert rescaled(GUIDED, POSITIVE, amount=0.0) is GUIDED


def test_an_amount_of_one_gives_each_picture_the_spread_of_its_positive_prediction() -> None:
    torch.testing.assert_close(spreads(rescaled(GUIDED, POSITIVE, amount=1.0)), spreads(POSITIVE))


@given(st.floats(0, 1))
def test_amounts_between_mix_the_two(amount: float) -> None:
    result = rescaled(GUIDED, POSITIVE, amount=amount)

    full = GUIDED * (spreads(POSITIVE) / spreads(GUIDED))[:, None, None, None]
    torch.testing.assert_close(result, amount * full + (1 - amount) * GUIDED, rtol=ROUNDING, atol=ROUNDING)


@pytest.mark.parametrize("amount", [0.3, 0.7, 1.0])
def test_pictures_do_not_mind_each_other(amount: float) -> None:
    alone = rescaled(GUIDED[1:2], POSITIVE[1:2], amount=amount)

    assert torch.equal(rescaled(GUIDED, POSITIVE, amount=amount)[1:2], alone)
