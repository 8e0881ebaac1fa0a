"""What is particular to Euler and its kin; what holds for every sampler is in the contract tests."""

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.noise import PictureNoise, step_noise
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Denoised
from mezzotint.registry import options

SIGMAS = [10.0, 4.0, 1.0, 0.2, 0.0]
SHAPE = (4, 8, 8)

churned = pytest.mark.parametrize("name", ["Euler", "Heun", "DPM2"])


def denoise(x: Tensor, sigma: float) -> Denoised:
    x0 = torch.tanh(x / (1 + sigma))
    return Denoised(x0=x0, unconditional=x0)


def run(name: str, sigmas: list[float] = SIGMAS, **options: float) -> Tensor:
    source = PictureNoise([5])
    x = source(SHAPE) * sigmas[0]
    return list(SAMPLERS[name](denoise, x, sigmas, step_noise(source, SHAPE), **options))[-1].x


def test_ancestral_steps_without_eta_are_plain_euler() -> None:
    torch.testing.assert_close(run("Euler a", eta=0.0), run("Euler"))


@churned
def test_churn_outside_its_limits_changes_nothing(name: str) -> None:
    assert torch.equal(run(name, s_churn=5.0, s_tmin=20.0), run(name))
    assert torch.equal(run(name, s_churn=5.0, s_tmax=0.1), run(name))
    assert not torch.equal(run(name, s_churn=5.0), run(name))


@churned
def test_churn_is_bounded_however_large(name: str) -> None:
    assert torch.equal(run(name, s_churn=50.0), run(name, s_churn=100.0))


@churned
def test_limits_of_churn_do_not_shift_later_draws(name: str) -> None:
    drawn: list[float] = []

    def noise(sigma: float, sigma_next: float) -> Tensor:
        drawn.append(sigma)
        return torch.zeros(1, *SHAPE)

    list(SAMPLERS[name](denoise, torch.ones(1, *SHAPE), SIGMAS, noise, s_churn=2.0, s_tmax=1.0))
    assert drawn == SIGMAS[:-1]


@pytest.mark.parametrize("name", [name for name in SAMPLERS if {"eta", "s_noise"} <= set(options(SAMPLERS[name].run))])
def test_scaled_noise_is_a_smaller_change(name: str) -> None:
    plain = run(name, eta=0.0)
    assert (run(name, s_noise=0.1) - plain).norm() < (run(name, s_noise=1.0) - plain).norm()


def test_ddim_without_eta_follows_euler_at_unit_variance() -> None:
    sigmas = SIGMAS[:-1]
    source = PictureNoise([5])
    x = source(SHAPE) * sigmas[0] / (1 + sigmas[0] ** 2) ** 0.5

    last = list(SAMPLERS["DDIM"](denoise, x, sigmas, step_noise(source, SHAPE)))[-1]

    torch.testing.assert_close(last.x * (1 + last.sigma**2) ** 0.5, run("Euler", sigmas))
