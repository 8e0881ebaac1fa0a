"""Where runs begin: step counts and noise levels against the contract's table of image-to-image arithmetic."""

import pytest
import torch

from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.schedules.karras import karras
from mezzotint.diffusion.schedules.normal import normal
from mezzotint.diffusion.start import Start, from_noise, from_picture
from mezzotint.errors import RequestError

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
EULER, DDIM = SAMPLERS["Euler"], SAMPLERS["DDIM"]
DEFAULT_RULE = {  # steps, strength: index of the first level, steps taken
    (20, 0): (19, 1), (20, 0.05): (18, 2), (20, 0.3): (13, 7), (20, 0.5): (9, 11), (20, 0.7): (5, 15),
    (20, 0.75): (4, 16), (20, 0.99): (0, 20), (20, 1.0): (0, 20), (30, 0.75): (7, 23), (3, 0.75): (0, 3),
    (1, 0.5): (0, 1),
}  # fmt: skip
KEPT_STEPS = {  # steps, strength: levels of the schedule, index of the first, steps taken
    (20, 0.05): (400, 380, 20), (20, 0.3): (66, 46, 20), (20, 0.5): (40, 20, 20), (20, 0.7): (28, 8, 20),
    (20, 0.75): (26, 6, 20), (20, 0.99): (20, 0, 20), (20, 1.0): (20, 0, 20), (30, 0.75): (40, 10, 30),
    (3, 0.75): (4, 1, 3), (1, 0.5): (2, 1, 1),
}  # fmt: skip


def timesteps(start: Start) -> list[float]:
    return [round(SD1.timestep(sigma), 6) for sigma in start.sigmas]


@pytest.mark.parametrize(("asked", "expected"), DEFAULT_RULE.items())
def test_strength_cuts_the_schedule(asked: tuple[int, float], expected: tuple[int, int]) -> None:
    steps, strength = asked
    first, taken = expected

    start = from_picture(EULER, SD1, karras, steps, strength)

    assert start == Start(karras(SD1, steps)[first:], picture_weight=1.0, noise_weight=karras(SD1, steps)[first])
    assert start.steps == taken


@pytest.mark.parametrize(("asked", "expected"), KEPT_STEPS.items())
def test_kept_steps_stretch_the_schedule(asked: tuple[int, float], expected: tuple[int, int, int]) -> None:
    steps, strength = asked
    total, first, taken = expected

    start = from_picture(EULER, SD1, normal, steps, strength, keep_steps=True)

    assert start.sigmas == normal(SD1, total)[first:]
    assert start.steps == taken


def test_kept_steps_at_no_strength_leave_the_picture_alone() -> None:
    start = from_picture(EULER, SD1, karras, 20, 0.0, keep_steps=True)
    picture = torch.rand(1, 4, 8, 8)

    assert start.steps == 0
    assert torch.equal(start.mix(torch.randn(1, 4, 8, 8), picture), picture)


def test_from_noise_takes_every_level_of_the_schedule() -> None:
    start = from_noise(EULER, SD1, karras, 10)

    sigmas = karras(SD1, 10)
    assert start == Start(sigmas, picture_weight=0.0, noise_weight=sigmas[0])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [(3, [999, 667, 334, 1]), (10, [901 - 100 * i for i in range(10)]), (20, [951 - 50 * i for i in range(20)])],
)
def test_timestep_samplers_have_their_own_grid(steps: int, expected: list[int]) -> None:
    start = from_noise(DDIM, SD1, karras, steps)

    assert timesteps(start) == expected
    assert start.noise_weight == 1.0


def test_the_grid_may_hold_one_more_than_asked() -> None:
    assert len(from_noise(DDIM, SD1, karras, 30).sigmas) == 31


@pytest.mark.parametrize(
    ("strength", "noised_to", "first", "taken"), [(0.75, 751, 701, 14), (0.5, 501, 451, 9), (1.0, 951, 901, 18)]
)
def test_timestep_samplers_start_a_level_below_the_noise(
    strength: float, noised_to: int, first: int, taken: int
) -> None:
    start = from_picture(DDIM, SD1, karras, 20, strength)
    sigma = SD1.sigma(noised_to)

    assert (timesteps(start)[0], start.steps) == (first, taken)
    assert start.noise_weight == pytest.approx(sigma / (1 + sigma**2) ** 0.5)
    assert start.picture_weight == pytest.approx(1 / (1 + sigma**2) ** 0.5)


@pytest.mark.parametrize("strength", [0.0, 0.01, 0.05, 0.1])
@pytest.mark.parametrize("steps", [1, 2, 20, 150])
@pytest.mark.parametrize("keep_steps", [False, True])
def test_no_strength_leaves_noise_in_the_picture(strength: float, steps: int, keep_steps: bool) -> None:
    start = from_picture(DDIM, SD1, karras, steps, strength, keep_steps=keep_steps)

    assert start.steps > 0 or start.noise_weight == 0


@pytest.mark.parametrize("steps", [1, 2, 3, 150, 999, 1000, 1200])
def test_every_sampler_takes_a_step_from_noise(steps: int) -> None:
    for name in SAMPLERS:
        assert from_noise(SAMPLERS[name], SD1, karras, steps).steps >= 1


@pytest.mark.parametrize(("steps", "strength"), [(0, 0.5), (20, -0.1), (20, 1.1)])
def test_impossible_requests_are_refused(steps: int, strength: float) -> None:
    with pytest.raises(RequestError, match="must be"):
        from_picture(EULER, SD1, karras, steps, strength)
