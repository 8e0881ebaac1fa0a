"""DPM fast spends the calls it is given; DPM adaptive spends what its tolerance asks for."""

import math

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Denoised
from mezzotint.errors import RequestError
from mezzotint.registry import options as options_of

MEAN, SPREAD = 0.7, 0.5
SHAPE = (1, 4, 8, 8)
ENDS = [14.6, 0.03]


class Gaussian:
    """The best denoiser for values from N(MEAN, SPREAD^2); counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Tensor, sigma: float) -> Denoised:
        self.calls += 1
        x0 = (x * SPREAD**2 + MEAN * sigma**2) / (SPREAD**2 + sigma**2)
        return Denoised(x0=x0, unconditional=x0)


def state() -> Tensor:
    return torch.linspace(-40, 40, 256, dtype=torch.float64).reshape(SHAPE)


def exact(x: Tensor) -> Tensor:
    variances = [SPREAD**2 + sigma**2 for sigma in ENDS]
    return MEAN + (x - MEAN) * math.sqrt(variances[1] / variances[0])


@pytest.mark.parametrize("steps", range(1, 13))
def test_fast_makes_as_many_calls_as_there_are_steps(steps: int) -> None:
    denoise = Gaussian()
    sigmas = [ENDS[0] * (ENDS[1] / ENDS[0]) ** (i / steps) for i in range(steps + 1)]

    taken = list(SAMPLERS["DPM fast"](denoise, state(), sigmas, lambda a, b: state() * 0))

    assert denoise.calls == steps
    assert len(taken) == steps // 3 + 1
    assert taken[-1].sigma == pytest.approx(ENDS[1])


def test_fast_does_not_look_at_the_levels_between() -> None:
    run = SAMPLERS["DPM fast"]

    one, other = (
        list(run(Gaussian(), state(), [14.6, middle, 1.0, 0.03, 0.0], lambda a, b: state()))[-1].x
        for middle in (12.0, 3.0)
    )

    assert torch.equal(one, other)


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_adaptive_pays_for_precision_with_calls(eta: float) -> None:
    calls: list[int] = []
    for rtol in (0.5, 0.05, 0.005):
        denoise = Gaussian()
        list(SAMPLERS["DPM adaptive"](denoise, state(), ENDS, lambda a, b: state() * 0, eta=eta, rtol=rtol))
        calls.append(denoise.calls)

    assert calls[0] < calls[1] < calls[2]
    assert all(count % 3 == 0 for count in calls)


def test_adaptive_is_as_precise_as_asked() -> None:
    errors: list[float] = []
    for tolerance in (1e-2, 1e-3, 1e-4):
        run = SAMPLERS["DPM adaptive"](
            Gaussian(), state(), ENDS, lambda a, b: state() * 0, eta=0.0, rtol=tolerance, atol=tolerance / 10
        )
        errors.append((list(run)[-1].x - exact(state())).abs().max().item())

    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-3


def test_adaptive_tries_again_where_a_step_was_too_wide() -> None:
    denoise = Gaussian()
    options = {"eta": 0.0, "h_init": 5.0, "rtol": 1e-3}

    taken = list(SAMPLERS["DPM adaptive"](denoise, state(), ENDS, lambda a, b: state() * 0, **options))

    assert denoise.calls > 3 * len(taken)
    assert [step.sigma for step in taken] == sorted({step.sigma for step in taken}, reverse=True)
    assert taken[-1].sigma == ENDS[1]


def test_adaptive_ends_when_the_model_fails() -> None:
    def broken(x: Tensor, sigma: float) -> Denoised:
        return Denoised(x0=x * math.nan, unconditional=x)

    taken = list(SAMPLERS["DPM adaptive"](broken, state(), ENDS, lambda a, b: state()))

    assert len(taken) == 1
    assert taken[0].sigma == ENDS[1]


def test_adaptive_takes_its_tolerances_within_limits() -> None:
    limits = options_of(SAMPLERS["DPM adaptive"].run)["rtol"].limits
    assert limits is not None

    with pytest.raises(RequestError, match="rtol must be"):
        limits.check("rtol", 0.0)
