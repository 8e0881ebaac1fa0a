"""What is particular to DDIM's kin and UniPC."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Denoised
from mezzotint.diffusion.schedules.timesteps import even_timesteps

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
SHAPE = (1, 4, 8, 8)
MEAN, SPREAD = 0.7, 0.5


def guided(x: Tensor, sigma: float) -> Denoised:
    return Denoised(x0=torch.tanh(x / (1 + sigma)), unconditional=torch.tanh(x / (2 + sigma)))


def gaussian(x: Tensor, sigma: float) -> Denoised:
    x0 = (x * SPREAD**2 + MEAN * sigma**2) / (SPREAD**2 + sigma**2)
    return Denoised(x0=x0, unconditional=x0)


def state() -> Tensor:
    return torch.linspace(-3, 3, 256, dtype=torch.float64).reshape(SHAPE)


@pytest.mark.parametrize("eta", [0.0, 0.6])
@pytest.mark.parametrize("name", ["DDIM", "DDIM CFG++"])
def test_ddim_takes_the_steps_of_its_paper(name: str, eta: float) -> None:
    x = expected = state()
    sigmas = even_timesteps(SD1, 10)
    for sigma, sigma_next in pairwise(sigmas):  # as printed, in the share of signal
        signal, signal_next = (1 / (1 + level**2) for level in (sigma, sigma_next))
        guess = guided(expected / math.sqrt(signal), sigma)
        x0, back = guess.x0, guess.unconditional if name == "DDIM CFG++" else guess.x0
        noise = (expected - math.sqrt(signal) * back) / math.sqrt(1 - signal)
        fresh = eta * math.sqrt((1 - signal_next) / (1 - signal) * (1 - signal / signal_next))
        expected = math.sqrt(signal_next) * x0 + math.sqrt(1 - signal_next - fresh**2) * noise
        # Fresh noise is of unit variance in these latents, whatever the level.
        expected = expected + fresh * state()

    result = list(SAMPLERS[name](guided, x, sigmas, lambda a, b: state(), eta=eta))[-1].x

    torch.testing.assert_close(result, expected)


def test_cfgpp_divides_the_scale_people_know() -> None:
    assert SAMPLERS["DDIM CFG++"].cfg_factor == pytest.approx(1 / 12.5)
    assert all(SAMPLERS[name].cfg_factor == 1 for name in SAMPLERS if name != "DDIM CFG++")


def test_plms_looks_twice_in_its_first_step_only() -> None:
    asked: list[float] = []

    def listening(x: Tensor, sigma: float) -> Denoised:
        asked.append(sigma)
        return guided(x, sigma)

    list(SAMPLERS["PLMS"](listening, state(), [5.0, 3.0, 1.0, 0.5], lambda a, b: state()))

    assert asked == [5.0, 3.0, 3.0, 1.0]


def test_unipc_looks_once_per_level_and_not_at_the_last() -> None:
    asked: list[float] = []

    def listening(x: Tensor, sigma: float) -> Denoised:
        asked.append(sigma)
        return guided(x, sigma)

    list(SAMPLERS["UniPC"](listening, state(), [5.0, 3.0, 1.0, 0.5], lambda a, b: state()))

    assert asked == [5.0, 3.0, 1.0]


def error(steps: int, **options: float | str) -> float:
    sigmas = [1000 * (0.05 / 1000) ** (i / steps) for i in range(steps + 1)]
    result = list(SAMPLERS["UniPC"](gaussian, state(), sigmas, lambda a, b: state(), **options))[-1].x
    first, last = sigmas[0], sigmas[-1]
    began = state() * math.sqrt(1 + first**2)
    ended = MEAN + (began - MEAN) * math.sqrt((SPREAD**2 + last**2) / (SPREAD**2 + first**2))
    return (result * math.sqrt(1 + last**2) - ended).abs().max().item()


@pytest.mark.parametrize("variant", ["bh1", "bh2"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_corrector_raises_unipcs_order_by_one(variant: str, order: int) -> None:
    options = {"variant": variant, "order": order, "lower_order_final": False}

    measured = math.log2(error(100, **options) / error(200, **options))

    assert measured == pytest.approx(order + 1, abs=0.15)


def test_varying_coefficients_come_to_the_same_end() -> None:
    # To first order: the published program leaves out part of the paper's corrector.
    measured = math.log2(error(200, variant="vary_coeff") / error(400, variant="vary_coeff"))

    assert measured == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_unipc_of_fewer_steps_than_its_order_is_of_lower_order(steps: int) -> None:
    assert math.isfinite(error(steps, order=50))
