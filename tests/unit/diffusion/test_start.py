"""Where runs begin: step counts and noise levels against the contract's table of image-to-image arithmetic."""

import pytest
import torch

from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Sampler
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.diffusion.schedules.karras import karras
from mezzotint.diffusion.schedules.normal import normal
from mezzotint.diffusion.start import Start, from_noise, from_picture
from mezzotint.errors import RequestError

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
EULER, DDIM, UNIPC = SAMPLERS["Euler"], SAMPLERS["DDIM"], SAMPLERS["UniPC"]
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

    whole = karras(SD1, steps)
    assert start == Start(whole[first:], picture_weight=1.0, noise_weight=whole[first], span=(whole[-2], whole[0]))
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
    assert start == Start(sigmas, picture_weight=0.0, noise_weight=sigmas[0], span=(sigmas[-2], sigmas[0]))


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
@pytest.mark.parametrize("sampler", [DDIM, UNIPC], ids=["DDIM", "UniPC"])
def test_no_strength_leaves_noise_in_the_picture(
    sampler: Sampler, strength: float, steps: int, keep_steps: bool
) -> None:
    start = from_picture(sampler, SD1, karras, steps, strength, keep_steps=keep_steps)

    assert start.steps > 0 or start.noise_weight == 0


@pytest.mark.parametrize("steps", [1, 2, 3, 150, 999, 1000, 1200])
def test_every_sampler_takes_a_step_from_noise(steps: int) -> None:
    for name in SAMPLERS:
        assert from_noise(SAMPLERS[name], SD1, karras, steps).steps >= 1


@pytest.mark.parametrize("steps", [1, 2, 3, 20, 150, 1000, 4000])
@pytest.mark.parametrize("strength", [0.0, 0.001, 0.3, 1.0])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_leaves_a_step_to_take_from_a_picture(schedule: str, strength: float, steps: int) -> None:
    start = from_picture(EULER, SD1, SCHEDULES[schedule], steps, strength)

    assert start.steps >= 1
    assert start.noise_weight == start.sigmas[0] > start.sigmas[-1]


def test_some_samplers_leave_out_the_penultimate_level_and_any_may() -> None:
    flagged = from_noise(SAMPLERS["DPM2"], SD1, karras, 10)
    asked = from_noise(EULER, SD1, karras, 10, discard_penultimate=True)

    assert flagged == asked
    assert flagged.sigmas == [*karras(SD1, 11)[:-2], 0.0]
    assert from_noise(SAMPLERS["DPM2"], SD1, karras, 10, discard_penultimate=True) == flagged
    assert from_picture(SAMPLERS["DPM2"], SD1, karras, 10, 0.5).sigmas == flagged.sigmas[4:]


def test_without_the_penultimate_level_timestep_samplers_have_the_grid_of_one_step_more() -> None:
    assert from_noise(DDIM, SD1, karras, 9, discard_penultimate=True) == from_noise(DDIM, SD1, karras, 10)


def test_noise_may_start_at_the_variance_of_data_and_noise() -> None:
    plain, more = (from_noise(EULER, SD1, karras, 10, sgm_noise_multiplier=wanted) for wanted in (False, True))

    assert more.noise_weight == pytest.approx((1 + plain.noise_weight**2) ** 0.5)
    assert more.sigmas == plain.sigmas


def test_samplers_with_levels_of_their_own_get_the_models_ends_and_the_schedules_noise() -> None:
    start = from_noise(SAMPLERS["DPM fast"], SD1, SCHEDULES["DDIM"], 10)

    assert (start.sigmas[0], start.sigmas[-1], start.steps) == (SD1.sigma_max, SD1.sigma_min, 10)
    assert start.noise_weight == SCHEDULES["DDIM"](SD1, 10)[0]


def test_from_a_picture_they_get_the_schedules_levels() -> None:
    start = from_picture(SAMPLERS["DPM fast"], SD1, karras, 10, 0.5)

    assert start.sigmas == karras(SD1, 10)[4:]


def test_unipc_lays_its_own_grid_over_as_many_steps() -> None:
    start = from_noise(UNIPC, SD1, karras, 10)

    assert timesteps(start) == pytest.approx([999 - 99.9 * i for i in range(11)], abs=0.01)
    assert start.noise_weight == 1.0


@pytest.mark.parametrize(("strength", "noised_to", "first", "taken"), [(0.75, 751, 701, 15), (0.5, 501, 451, 10)])
def test_unipc_begins_a_level_below_the_noise(strength: float, noised_to: int, first: int, taken: int) -> None:
    start = from_picture(UNIPC, SD1, karras, 20, strength)
    sigma = SD1.sigma(noised_to)

    assert timesteps(start) == pytest.approx([first * (1 - i / taken) for i in range(taken + 1)], abs=0.01)
    assert start.noise_weight == pytest.approx(sigma / (1 + sigma**2) ** 0.5)


@pytest.mark.parametrize("sampler", [EULER, DDIM], ids=["Euler", "DDIM"])
def test_noise_is_scaled_and_added_in_units_of_the_picture(sampler: Sampler) -> None:
    plain = from_picture(sampler, SD1, karras, 20, 0.5)

    scaled = from_picture(sampler, SD1, karras, 20, 0.5, noise_multiplier=1.5)
    extra = from_picture(sampler, SD1, karras, 20, 0.5, extra_noise=0.2)
    both = from_picture(sampler, SD1, karras, 20, 0.5, noise_multiplier=1.5, extra_noise=0.2)

    assert scaled.noise_weight == pytest.approx(1.5 * plain.noise_weight)
    assert extra.noise_weight == pytest.approx(plain.noise_weight + 0.2 * plain.picture_weight)
    assert both.noise_weight == pytest.approx(1.5 * extra.noise_weight)
    assert {start.picture_weight for start in (scaled, extra, both)} == {plain.picture_weight}
    assert {tuple(start.sigmas) for start in (scaled, extra, both)} == {tuple(plain.sigmas)}


@pytest.mark.parametrize(("steps", "strength"), [(0, 0.5), (20, -0.1), (20, 1.1)])
def test_impossible_requests_are_refused(steps: int, strength: float) -> None:
    with pytest.raises(RequestError, match="must be"):
        from_picture(EULER, SD1, karras, steps, strength)
