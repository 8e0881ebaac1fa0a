"""What every sampler must hold: the closed form for Gaussian data, its order, and the same picture in any batch."""

import math
from collections.abc import Callable, Sequence
from typing import get_args

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.brownian import brownian_noise
from mezzotint.diffusion.noise import PictureNoise, step_noise
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Denoise, Denoised, Sampler, Step
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.diffusion.start import Start, from_noise
from mezzotint.registry import options

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
MEAN, SPREAD = 0.7, 0.5  # of the data in the Gaussian tests
SHAPE = (4, 16, 16)
SAMPLING_ERROR = 0.02  # of mean and spread over 4096 values of spread 0.5, two and a half standard errors and CURVATURE
MANY, FEW = 800, 100  # steps that leave a first-order sampler, and a better one, CURVATURE of discretisation error
CURVATURE = 0.01
EXTRAPOLATES = {"LMS", "PLMS"}  # to 0 too, so that the last state is not quite the last prediction
FINE = {"rtol": 1e-3, "atol": 1e-4}  # for the sampler whose steps are as many as its tolerance asks for

ROWS = [SAMPLERS[name] for name in SAMPLERS]


def samplers(wanted: Callable[[Sampler], bool] = lambda sampler: True) -> pytest.MarkDecorator:
    """Run a test for every sampler, or those wanted."""
    chosen = [sampler for sampler in ROWS if wanted(sampler)]
    return pytest.mark.parametrize("sampler", chosen, ids=[sampler.name for sampler in chosen])


every_sampler = samplers()
integrators = samplers(lambda sampler: sampler.order > 0 and sampler.name != "Restart")  # without noise


def gaussian(x: Tensor, sigma: float) -> Denoised:
    """The best possible denoiser when every value of the picture is drawn from N(MEAN, SPREAD^2)."""
    x0 = (x * SPREAD**2 + MEAN * sigma**2) / (SPREAD**2 + sigma**2)
    return Denoised(x0=x0, unconditional=x0)


def consistent(x: Tensor, sigma: float) -> Denoised:
    """What a model distilled from that one for consistency says: where the flow from ``x`` ends."""
    x0 = exact(x, sigma, 0.0)
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


def still(sampler: Sampler) -> dict[str, float | str]:
    """Options that turn fresh noise off, and error control to fine."""
    return sampler.accepted({"eta": 0.0, **FINE})


def silent(x: Tensor) -> Callable[[float, float], Tensor]:
    return lambda sigma, sigma_next: torch.zeros_like(x)


def begin(sampler: Sampler, steps: int = 10) -> Start:
    return from_noise(sampler, SD1, SCHEDULES[sampler.schedule], steps)


def draw(sampler: Sampler, seeds: Sequence[int], denoise: Denoise = toy) -> list[Step]:
    """Ten steps as the driver would have them taken."""
    start = begin(sampler)
    source = PictureNoise(seeds)
    x = start.mix(source(SHAPE))
    noise = brownian_noise(seeds, SHAPE, start.span) if sampler.brownian else step_noise(source, SHAPE)
    return list(sampler(sampler.adapted(denoise, SD1), x, start.sigmas, noise))


@integrators
def test_without_fresh_noise_it_follows_the_closed_form(sampler: Sampler) -> None:
    start = begin(sampler, MANY if sampler.order == 1 else FEW)
    x = start.mix(PictureNoise([1])(SHAPE))

    last = list(sampler(gaussian, x, start.sigmas, silent(x), **still(sampler)))[-1]

    expected = exact(x * scale(sampler, start.sigmas[0]), start.sigmas[0], last.sigma)
    torch.testing.assert_close(last.x * scale(sampler, last.sigma), expected, atol=CURVATURE, rtol=CURVATURE)


@pytest.mark.parametrize(
    ("sampler", "eta"),
    [(sampler, eta) for sampler in ROWS for eta in ((0.0, 0.5, 1.0) if sampler.uses_eta else (0.0,))],
    ids=lambda value: value.name if isinstance(value, Sampler) else str(value),
)
def test_pictures_are_distributed_as_the_data(sampler: Sampler, eta: float) -> None:
    is_first_order = sampler.order == 1 or (eta > 0 and not sampler.second_order)  # what noise makes of multistep
    start = begin(sampler, MANY if is_first_order else FEW)
    source = PictureNoise([1, 2, 3, 4])
    first = start.sigmas[0]
    x = MEAN + source(SHAPE) * math.hypot(SPREAD, first)  # the data, noised
    denoise = gaussian if sampler.order else consistent
    fresh = sampler.accepted({"eta": eta, **FINE})

    last = list(sampler(denoise, x / scale(sampler, first), start.sigmas, step_noise(source, SHAPE), **fresh))[-1]

    result = last.x * scale(sampler, last.sigma)
    assert result.mean().item() == pytest.approx(MEAN, abs=SAMPLING_ERROR)
    assert result.std().item() == pytest.approx(math.hypot(SPREAD, last.sigma), abs=SAMPLING_ERROR)


@samplers(lambda sampler: sampler.order > 0 and sampler.name not in {"Restart", "DPM adaptive"})
def test_halving_the_steps_raises_the_error_by_its_order(sampler: Sampler) -> None:
    def error(steps: int) -> float:
        ramp = [(i / steps + 0.2 * (i / steps) ** 2) / 1.2 for i in range(steps + 1)]
        sigmas = [1000 * (0.05 / 1000) ** share for share in ramp]  # from before the data shows, in uneven steps
        x = torch.linspace(-3000, 3000, 256, dtype=torch.float64).reshape(1, 4, 8, 8)
        state = x / scale(sampler, sigmas[0])
        result = list(sampler(gaussian, state, sigmas, silent(x), **still(sampler)))[-1].x
        return (result * scale(sampler, sigmas[-1]) - exact(x, sigmas[0], sigmas[-1])).abs().max().item()

    measured = math.log2(error(162) / error(324))

    assert measured == pytest.approx(sampler.order, abs=0.15)


@every_sampler
def test_a_picture_is_the_same_in_any_batch(sampler: Sampler) -> None:
    batch, alone = draw(sampler, [7, 8, 9])[-1].x, draw(sampler, [8])[-1].x
    assert torch.equal(batch[1:2], alone) != sampler.couples_pictures


@every_sampler
def test_a_seed_repeats_and_another_does_not(sampler: Sampler) -> None:
    first, again, other = (draw(sampler, [seed])[-1].x for seed in (7, 7, 8))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@every_sampler
def test_it_yields_one_step_per_level_reached(sampler: Sampler) -> None:
    sigmas = begin(sampler).sigmas

    steps = draw(sampler, [1])

    reached = [step.sigma for step in steps]
    if sampler.own_levels:
        assert reached == sorted(set(reached), reverse=True)
        assert reached[-1] == pytest.approx(sigmas[-1])
    else:
        assert reached == sigmas[1:]
    assert all(step.x.dtype == step.x0.dtype == torch.float32 for step in steps)


@samplers(lambda sampler: not sampler.own_levels and sampler.name not in EXTRAPOLATES)
def test_a_run_to_zero_ends_on_the_prediction(sampler: Sampler) -> None:
    sigmas = [5.0, 1.0, 0.0]

    last = list(sampler(toy, torch.ones(1, *SHAPE), sigmas, lambda sigma, sigma_next: torch.ones(1, *SHAPE)))[-1]

    torch.testing.assert_close(last.x, last.x0)


@every_sampler
@pytest.mark.parametrize("sigmas", [[5.0, 0.0], [5.0, 1.0], [5.0, 1.0, 0.0], [4518.76, 2.0, 0.03, 0.0]])
def test_short_runs_and_great_noise_give_numbers(sampler: Sampler, sigmas: list[float]) -> None:
    x = torch.ones(1, *SHAPE) * (sigmas[0] / scale(sampler, sigmas[0]))

    steps = list(sampler(toy, x, sigmas, lambda sigma, sigma_next: torch.ones(1, *SHAPE)))

    assert steps
    assert all(bool(torch.isfinite(step.x).all()) for step in steps)


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
    assert len(calls) <= (3 if sampler.own_levels else 2)  # a first step may look twice or thrice, and no further
    assert torch.equal(x, torch.ones(1, *SHAPE))
    assert sigmas == [5.0, 1.0, 0.5, 0.1]


@every_sampler
def test_every_option_has_limits_and_a_default_within(sampler: Sampler) -> None:
    for option in options(sampler.run).values():
        if option.limits is not None:
            assert option.default in option.limits
        else:
            assert option.type is bool or option.default in get_args(option.type)


@every_sampler
def test_the_table_tells_the_truth_about_the_function(sampler: Sampler) -> None:
    assert SAMPLERS[sampler.name] is sampler
    assert ("eta" in options(sampler.run)) == sampler.uses_eta
    assert sampler.schedule in SCHEDULES.names()
    assert isinstance(sampler.run, Callable)


@every_sampler
def test_it_looks_at_the_prediction_without_the_prompt_only_where_it_says_so(sampler: Sampler) -> None:
    def other(x: Tensor, sigma: float) -> Denoised:
        return Denoised(x0=toy(x, sigma).x0, unconditional=x * 0.5)

    assert torch.equal(draw(sampler, [1], other)[-1].x, draw(sampler, [1])[-1].x) != sampler.uses_unconditional
