"""What every sampler must hold: the closed form for Gaussian data, its order, and the same picture in any batch."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.noise import PhiloxNoise, step_noise
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Denoised, Sampler, Step
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.diffusion.start import from_noise
from mezzotint.registry import options

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
MEAN, SPREAD = 0.7, 0.5  # of the data in the Gaussian tests
SHAPE = (4, 16, 16)
SAMPLING_ERROR = 0.02  # of mean and spread over 4096 values of spread 0.5, two and a half standard errors and CURVATURE
MANY = 800  # steps that leave a first-order sampler CURVATURE of its discretisation error
CURVATURE = 0.01

every_sampler = pytest.mark.parametrize("sampler", [SAMPLERS[name] for name in SAMPLERS], ids=SAMPLERS.names())


def gaussian(x: Tensor, sigma: float) -> Denoised:
    """The best possible denoiser when every value of the picture is drawn from N(MEAN, SPREAD^2)."""
    x0 = (x * SPREAD**2 + MEAN * sigma**2) / (SPREAD**2 + sigma**2)
    return Denoised(x0=x0, unconditional=x0)


def toy(x: Tensor, sigma: float) -> Denoised:
    x0 = torch.tanh(x / (1 + sigma))
    return Denoised(x0=x0, unconditional=x0)


def exact(x: Tensor, sigma: float, sigma_next: float) -> Tensor:
    """Where the probability flow of the Gaussian leads."""
    return MEAN + (x - MEAN) * math.sqrt((SPREAD**2 + sigma_next**2) / (SPREAD**2 + sigma**2))


def scale(sampler: Sampler, sigma: float) -> float:
    """What the sampler keeps its state divided by."""
    return math.sqrt(1 + sigma**2) if sampler.timestep_space else 1.0


def still(sampler: Sampler) -> dict[str, float]:
    """Options that turn fresh noise off."""
    return {"eta": 0.0} if sampler.uses_eta else {}


def draw(sampler: Sampler, seeds: list[int]) -> list[Step]:
    start = from_noise(sampler, SD1, SCHEDULES[sampler.schedule], 10)
    source = PhiloxNoise(seeds)
    x = start.mix(source(SHAPE))
    return list(sampler(toy, x, start.sigmas, step_noise(source, SHAPE)))


@every_sampler
def test_without_fresh_noise_it_follows_the_closed_form(sampler: Sampler) -> None:
    start = from_noise(sampler, SD1, SCHEDULES[sampler.schedule], MANY)
    source = PhiloxNoise([1])
    x = start.mix(source(SHAPE))
    first, last = start.sigmas[0], start.sigmas[-1]

    result = list(sampler(gaussian, x, start.sigmas, step_noise(source, SHAPE), **still(sampler)))[-1].x

    expected = exact(x * scale(sampler, first), first, last)
    torch.testing.assert_close(result * scale(sampler, last), expected, atol=CURVATURE, rtol=CURVATURE)


@every_sampler
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_pictures_are_distributed_as_the_data(sampler: Sampler, eta: float) -> None:
    start = from_noise(sampler, SD1, SCHEDULES[sampler.schedule], MANY)
    source = PhiloxNoise([1, 2, 3, 4])
    first, last = start.sigmas[0], start.sigmas[-1]
    x = MEAN + source(SHAPE) * math.hypot(SPREAD, first)  # the data, noised
    fresh = {"eta": eta} if sampler.uses_eta else {}

    steps = list(sampler(gaussian, x / scale(sampler, first), start.sigmas, step_noise(source, SHAPE), **fresh))

    result = steps[-1].x * scale(sampler, last)
    assert result.mean().item() == pytest.approx(MEAN, abs=SAMPLING_ERROR)
    assert result.std().item() == pytest.approx(math.hypot(SPREAD, last), abs=SAMPLING_ERROR)


@every_sampler
def test_halving_the_steps_raises_the_error_by_its_order(sampler: Sampler) -> None:
    def error(steps: int) -> float:
        sigmas = [(2.2 - 1.7 * i / steps) ** 3 for i in range(steps + 1)]  # 10.6 to 0.125, uneven in log sigma
        x = torch.linspace(-30, 30, 256, dtype=torch.float64).reshape(1, 4, 8, 8)
        state = x / scale(sampler, sigmas[0])
        result = list(sampler(gaussian, state, sigmas, lambda sigma, sigma_next: x * 0, **still(sampler)))[-1].x
        return (result * scale(sampler, sigmas[-1]) - exact(x, sigmas[0], sigmas[-1])).abs().max().item()

    measured = math.log2(error(80) / error(160))

    assert measured == pytest.approx(sampler.order, abs=0.15)


@every_sampler
def test_a_picture_is_the_same_in_any_batch(sampler: Sampler) -> None:
    batch, alone = draw(sampler, [7, 8, 9])[-1].x, draw(sampler, [8])[-1].x
    assert torch.equal(batch[1:2], alone)


@every_sampler
def test_a_seed_repeats_and_another_does_not(sampler: Sampler) -> None:
    first, again, other = (draw(sampler, [seed])[-1].x for seed in (7, 7, 8))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@every_sampler
def test_it_yields_one_step_per_level_reached(sampler: Sampler) -> None:
    start = from_noise(sampler, SD1, SCHEDULES[sampler.schedule], 10)

    steps = draw(sampler, [1])

    assert [step.sigma for step in steps] == start.sigmas[1:]
    assert all(step.x.dtype == step.x0.dtype == torch.float32 for step in steps)


@every_sampler
def test_a_run_to_zero_ends_on_the_prediction(sampler: Sampler) -> None:
    sigmas = [5.0, 1.0, 0.0]

    last = list(sampler(toy, torch.ones(1, *SHAPE), sigmas, lambda sigma, sigma_next: torch.ones(1, *SHAPE)))[-1]

    torch.testing.assert_close(last.x, last.x0)


@every_sampler
def test_it_draws_nothing_ahead_and_changes_no_argument(sampler: Sampler) -> None:
    calls: list[float] = []

    def counting(x: Tensor, sigma: float) -> Denoised:
        calls.append(sigma)
        return toy(x, sigma)

    x = torch.ones(1, *SHAPE)
    sigmas = [5.0, 1.0, 0.5, 0.1]
    steps = sampler(counting, x, sigmas, lambda sigma, sigma_next: torch.ones(1, *SHAPE))

    assert calls == []
    next(steps)
    assert len(calls) <= 2  # a first step may look twice, and no further
    assert torch.equal(x, torch.ones(1, *SHAPE))
    assert sigmas == [5.0, 1.0, 0.5, 0.1]


@every_sampler
def test_every_option_has_limits_and_a_default_within(sampler: Sampler) -> None:
    for option in options(sampler.run).values():
        assert option.limits is not None
        assert option.default in option.limits


@every_sampler
def test_the_table_tells_the_truth_about_the_function(sampler: Sampler) -> None:
    assert SAMPLERS[sampler.name] is sampler
    assert ("eta" in options(sampler.run)) == sampler.uses_eta
    assert sampler.schedule in SCHEDULES.names()
    assert isinstance(sampler.run, Callable)
