"""The grids of samplers that count in timesteps."""

import pytest

from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.schedules.timesteps import continuous_timesteps, even_timesteps

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
BETWEEN = 0.02  # of a timestep: UniPC interpolates the signal between timesteps, the noise process log sigma


def timesteps(sigmas: list[float]) -> list[float]:
    return [SD1.timestep(sigma) for sigma in sigmas]


@pytest.mark.parametrize(("steps", "expected"), [(3, 4), (10, 10), (20, 20), (30, 31), (1000, 999), (5000, 999)])
def test_even_timesteps_are_as_many_as_the_stride_gives(steps: int, expected: int) -> None:
    assert len(even_timesteps(SD1, steps)) == expected


@pytest.mark.parametrize("steps", [1, 10, 30, 150])
def test_continuous_timesteps_are_fractional_and_even(steps: int) -> None:
    levels = continuous_timesteps(SD1, SD1.sigma_max, steps)

    assert timesteps(levels) == pytest.approx([999 * (1 - i / steps) for i in range(steps + 1)], abs=BETWEEN)


def test_continuous_timesteps_begin_at_the_level_given() -> None:
    levels = continuous_timesteps(SD1, SD1.sigma(701), 14)

    assert timesteps(levels)[0] == pytest.approx(701)
    assert timesteps(levels)[-1] == pytest.approx(0)
    assert len(levels) == 15


def test_times_may_be_even_in_their_square_root() -> None:
    levels = continuous_timesteps(SD1, SD1.sigma_max, 4, skip="time_quadratic")

    roots = [((timestep + 1) / 1000) ** 0.5 for timestep in timesteps(levels)]
    assert [roots[i] - roots[i + 1] for i in range(4)] == pytest.approx([(1 - 0.001**0.5) / 4] * 4, abs=1e-4)


def test_levels_may_be_even_in_log_sigma() -> None:
    levels = continuous_timesteps(SD1, SD1.sigma_max, 4, skip="logSNR")

    ratio = (SD1.sigma_min / SD1.sigma_max) ** 0.25
    assert [levels[i + 1] / levels[i] for i in range(4)] == pytest.approx([ratio] * 4)
