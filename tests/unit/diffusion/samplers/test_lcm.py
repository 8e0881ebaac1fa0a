"""LCM: its own denoiser, and the picture made anew at each level."""

import math

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.samplers.lcm import trained_levels
from mezzotint.diffusion.sampling import Denoised
from mezzotint.diffusion.schedules.normal import uniform
from mezzotint.diffusion.start import from_noise

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
LCM = SAMPLERS["LCM"]
SHAPE = (1, 4, 8, 8)


def predicted_noise(shown: Tensor, timestep: float) -> Tensor:
    """A network of sorts."""
    return torch.tanh(shown) * math.cos(timestep)


def denoise(x: Tensor, sigma: float) -> Denoised:
    x0 = x - predicted_noise(x * SD1.input_scale(sigma), SD1.timestep(sigma)) * sigma
    return Denoised(x0=x0, unconditional=-x0)


def test_it_was_distilled_on_fifty_levels() -> None:
    assert [round(SD1.timestep(sigma)) for sigma in trained_levels(SD1).sigmas] == list(range(19, 1000, 20))


def test_its_schedules_divide_those() -> None:
    start = from_noise(LCM, SD1, uniform, 4)

    assert [round(SD1.timestep(sigma)) for sigma in start.sigmas[:-1]] == [999, 672, 346, 19]


@pytest.mark.parametrize("sigma", [14.6, 5.0, 1.0, 0.05])
def test_the_network_sees_the_states_own_variance_and_is_told_the_nearest_level(sigma: float) -> None:
    x = torch.linspace(-20, 20, 256, dtype=torch.float64).reshape(SHAPE)
    levels = range(19, 1000, 20)
    told = min(levels, key=lambda t: abs(math.log(SD1.sigmas[t]) - math.log(sigma)))

    result = LCM.adapted(denoise, SD1)(x, sigma)

    x0 = x - predicted_noise(x / math.sqrt(sigma**2 + 1), told) * sigma
    scaled = told * 10.0
    expected = x0 * (scaled / math.sqrt(scaled**2 + 0.25)) + x * (0.25 / (scaled**2 + 0.25))
    torch.testing.assert_close(result.x0, expected)


def test_steps_end_on_what_was_predicted_at_trained_levels() -> None:
    asked: list[float] = []

    def listening(x: Tensor, sigma: float) -> Denoised:
        asked.append(sigma)
        return denoise(x, sigma)

    start = from_noise(LCM, SD1, uniform, 6)
    adapted = LCM.adapted(listening, SD1)

    steps = list(LCM(adapted, torch.ones(SHAPE), start.sigmas, lambda a, b: torch.ones(SHAPE)))

    assert set(asked) <= set(trained_levels(SD1).sigmas)
    assert torch.equal(steps[-1].x, steps[-1].x0)
    torch.testing.assert_close(steps[0].x, steps[0].x0 + steps[0].sigma)


def test_both_predictions_are_adapted() -> None:
    x = torch.ones(SHAPE, dtype=torch.float64)

    both = LCM.adapted(lambda x, sigma: Denoised(x0=x * 0.5, unconditional=x * 0.5), SD1)(x, 2.0)

    assert torch.equal(both.x0, both.unconditional)
