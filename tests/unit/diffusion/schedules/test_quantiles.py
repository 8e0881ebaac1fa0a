"""Quantiles of the Beta distribution against scipy's."""

import pytest
from scipy.special import betainc, betaincinv  # pyright: ignore[reportMissingTypeStubs]

from mezzotint.diffusion.schedules.quantiles import beta_quantile, beta_share

SHAPES = [0.01, 0.1, 0.6, 1.0, 2.5, 5.0]
EXACT = 1e-12


@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("b", SHAPES)
def test_quantiles_equal_scipys(a: float, b: float) -> None:
    for share in (0.0, 1e-6, 0.01, 0.25, 0.5, 0.9, 0.999, 1.0):
        assert beta_quantile(share, a, b) == pytest.approx(float(betaincinv(a, b, share)), abs=EXACT)


@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("b", SHAPES)
def test_shares_equal_scipys(a: float, b: float) -> None:
    for x in (1e-9, 0.1, 0.5, 0.77, 0.999):
        assert beta_share(x, a, b) == pytest.approx(float(betainc(a, b, x)), abs=EXACT)
