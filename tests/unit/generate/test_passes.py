"""From a request to passes: levels, options and words."""

import math

import pytest

from mezzotint.contract.parts import Hires, InitImage
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.schedules.timesteps import Skip, continuous_timesteps
from mezzotint.families.mezzo import MEZZO
from mezzotint.families.sdxl import SDXL
from mezzotint.generate.passes import first_pass, sampler_options, second_pass, sigma_interval
from tests.factories import a_request


# Rows of the contract's table for a schedule of N steps and denoising strength d: evaluations.
@pytest.mark.parametrize(
    ("steps", "strength", "evaluations"),
    [
        (20, 0.0, 1),
        (20, 0.05, 2),
        (20, 0.3, 7),
        (20, 0.5, 11),
        (20, 0.75, 16),
        (20, 1.0, 20),
        (3, 0.75, 3),
        (1, 0.5, 1),
    ],
)
def test_strength_settles_how_many_steps_are_taken(steps: int, strength: float, evaluations: int) -> None:
    init = InitImage(picture=b"", strength=strength)

    found = first_pass(a_request(steps=steps, sampler="Euler", init=init), MEZZO)

    assert found.start.steps == evaluations


def test_without_a_picture_all_steps_are_taken() -> None:
    start = first_pass(a_request(steps=5, sampler="Euler", scheduler="Karras"), MEZZO).start

    assert start.steps == 5
    assert start.sigmas[0] == pytest.approx(MEZZO.noise_process.sigma_max)


def test_options_are_passed_on_only_if_given_and_taken() -> None:
    assert sampler_options(a_request(), SAMPLERS["Euler a"]) == {}
    assert sampler_options(a_request(eta=0.3, s_churn=2.0), SAMPLERS["Euler a"]) == {"eta": 0.3}
    churned = sampler_options(a_request(s_churn=2.0, s_tmax=9.0, s_noise=1.1), SAMPLERS["Heun"])
    assert churned == {"s_churn": 2.0, "s_tmax": 9.0, "s_noise": 1.1}


def test_ends_and_bend_of_the_schedule_are_those_asked_for() -> None:
    plain = first_pass(a_request(steps=6, sampler="Euler", scheduler="Karras"), MEZZO).start.sigmas
    other = first_pass(
        a_request(steps=6, sampler="Euler", scheduler="Karras", sigma_min=0.1, sigma_max=10.0, rho=5.0), MEZZO
    ).start.sigmas

    assert other[0] == pytest.approx(10)
    assert other[-2] == pytest.approx(0.1)
    assert other[2] != pytest.approx(plain[2])


@pytest.mark.parametrize("skip", ["time_quadratic", "logSNR"])
@pytest.mark.parametrize("part", [{}, {"init": InitImage(picture=b"", strength=0.5)}])
def test_unipc_spaces_its_levels_as_asked(skip: Skip, part: dict[str, InitImage]) -> None:
    plain = first_pass(a_request(steps=8, sampler="UniPC", **part), MEZZO)
    other = first_pass(a_request(steps=8, sampler="UniPC", unipc={"skip_type": skip}, **part), MEZZO)

    first, steps = plain.start.sigmas[0], plain.start.steps
    assert other.start.sigmas == pytest.approx(continuous_timesteps(other.process, first, steps, skip=skip))
    assert other.start.sigmas[1:-1] != pytest.approx(plain.start.sigmas[1:-1])


def test_unipc_spaces_the_levels_of_a_second_pass_as_asked() -> None:
    def levels(**unipc: str) -> list[float]:
        request = a_request(steps=8, sampler="Euler", hires=Hires(sampler="UniPC", strength=0.5), unipc=unipc)
        return second_pass(request, MEZZO, first_pass(request, MEZZO), (256, 256)).start.sigmas

    assert levels(skip_type="logSNR")[0] == pytest.approx(levels()[0])
    assert levels(skip_type="logSNR")[1:-1] != pytest.approx(levels()[1:-1])


def test_old_karras_levels_run_from_ten_to_a_tenth() -> None:
    sigmas = first_pass(
        a_request(steps=10, sampler="Euler", scheduler="Karras", old_ways={"karras_sigmas": True}), MEZZO
    ).start.sigmas

    assert sigmas[1] == pytest.approx(6.802165, abs=2e-5)  # the contract's table


def test_align_your_steps_has_a_table_of_its_own_for_sdxl() -> None:
    request = a_request(steps=11, sampler="Euler", scheduler="Align Your Steps")

    assert first_pass(request, MEZZO).start.sigmas[1] == pytest.approx(6.475)
    assert first_pass(request, SDXL).start.sigmas[1] == pytest.approx(6.315)


def test_a_second_pass_takes_the_steps_of_a_longer_schedule() -> None:
    request = a_request(steps=20, sampler="Euler", hires=Hires(strength=0.5, steps=10))
    first = first_pass(request, MEZZO)

    second = second_pass(request, MEZZO, first, (256, 256))

    assert (second.width, second.height, second.start.steps) == (256, 256, 10)
    assert second.start.sigmas[0] < first.start.sigmas[0]


def test_a_second_pass_of_no_strength_samples_nothing() -> None:
    request = a_request(steps=20, sampler="Euler", hires=Hires(strength=0.0))

    second = second_pass(request, MEZZO, first_pass(request, MEZZO), (256, 256))

    assert second.start.steps == 0


def test_a_second_pass_has_its_own_words_sampler_and_guidance() -> None:
    hires = Hires(prompt="[a:b:1.5]", negative="c", sampler="Euler a", cfg_scale=3.0, steps=10)
    request = a_request(prompt="x", steps=20, sampler="Euler", hires=hires)
    first = first_pass(request, MEZZO)

    second = second_pass(request, MEZZO, first, (256, 256))

    assert second.positive.parts[0].entries == ((5, "a"), (10, "b"))
    assert second.negative.parts[0].entries == ((10, "c"),)
    assert (second.sampler.name, second.scale) == ("Euler a", 3.0)
    assert first.positive.texts == ("x",)


def test_words_count_calls_where_a_sampler_looks_twice() -> None:
    found = first_pass(a_request(prompt="[a:b:.5]", steps=10, sampler="Heun"), MEZZO)

    assert found.positive.parts[0].entries == ((10, "a"), (20, "b"))


def test_the_way_from_noise_to_picture_is_measured_in_timesteps() -> None:
    process = MEZZO.noise_process

    assert sigma_interval(process, (0.0, 1.0)) is None
    assert sigma_interval(process, (0.0, 0.5)) == (pytest.approx(process.sigma(499.5)), math.inf)
    low, high = sigma_interval(process, (0.2, 1.0)) or (None, None)
    assert (low, high) == (0.0, pytest.approx(process.sigma(0.8 * 999)))
