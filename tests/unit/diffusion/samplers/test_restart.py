"""Restart: Heun's steps, and now and then back up."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Denoised
from mezzotint.diffusion.schedules.karras import karras

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
SHAPE = (1, 4, 8, 8)


def denoise(x: Tensor, sigma: float) -> Denoised:
    x0 = torch.tanh(x / (1 + sigma))
    return Denoised(x0=x0, unconditional=x0)


def levels(sigmas: list[float]) -> list[float]:
    """What is reached after each step."""
    noise = torch.zeros(SHAPE)
    return [step.sigma for step in SAMPLERS["Restart"](denoise, torch.ones(SHAPE), sigmas, lambda a, b: noise)]


@pytest.mark.parametrize("steps", [1, 10, 19])
def test_few_steps_are_heuns(steps: int) -> None:
    sigmas, x = karras(SD1, steps), torch.linspace(-30, 30, 256).reshape(SHAPE)

    ours, heuns = (list(SAMPLERS[name](denoise, x, sigmas, lambda a, b: x)) for name in ("Restart", "Heun"))

    assert all(torch.equal(mine.x, their.x) for mine, their in zip(ours, heuns, strict=True))


@pytest.mark.parametrize(("steps", "times"), [(20, 1), (35, 1), (36, 2), (40, 2), (150, 2)])
def test_more_steps_are_as_many_with_some_of_them_taken_again(steps: int, times: int) -> None:
    reached = levels(karras(SD1, steps))

    assert len(reached) == steps
    assert reached[-1] == 0
    assert sum(after > before for before, after in pairwise(reached)) == times


def test_noise_brings_the_state_back_to_the_level_it_returns_to() -> None:
    asked: list[tuple[float, float]] = []

    def noise(sigma: float, sigma_next: float) -> Tensor:
        asked.append((sigma, sigma_next))
        return torch.zeros(SHAPE)

    list(SAMPLERS["Restart"](denoise, torch.ones(SHAPE), karras(SD1, 40), noise))

    assert len(asked) == 2
    for low, high in asked:
        assert low == pytest.approx(0.1, abs=0.05)
        assert high == pytest.approx(2, abs=0.4)


def test_a_run_that_begins_below_does_not_restart() -> None:
    sigmas = [0.09 * 0.9**i for i in range(30)] + [0.0]

    reached = levels(sigmas)

    assert reached == sorted(reached, reverse=True)
