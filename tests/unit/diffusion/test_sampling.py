"""The ancestral split."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.diffusion.sampling import ancestral_split


@given(st.floats(0.01, 20), st.floats(0, 1), st.floats(0, 1))
def test_the_two_parts_add_up_to_the_next_level(sigma: float, share: float, eta: float) -> None:
    sigma_next = sigma * share

    down, up = ancestral_split(sigma, sigma_next, eta)

    assert math.hypot(down, up) == pytest.approx(sigma_next, abs=1e-9)


def test_without_eta_there_is_no_fresh_noise() -> None:
    assert ancestral_split(5.0, 3.0, 0.0) == (3.0, 0.0)


def test_the_last_step_gets_no_noise() -> None:
    assert ancestral_split(0.03, 0.0, 1.0) == (0.0, 0.0)


def test_fresh_noise_never_exceeds_the_next_level() -> None:
    assert ancestral_split(5.0, 3.0, 9.0) == (0.0, 3.0)
