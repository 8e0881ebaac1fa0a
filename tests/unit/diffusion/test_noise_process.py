"""Noise levels and timesteps against the published schedule of Stable Diffusion, and the two kinds of prediction."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.diffusion.noise_process import NoiseProcess, discrete, scaled_linear
from mezzotint.errors import RequestError

SD1 = discrete(scaled_linear(0.00085, 0.012, steps=1000), predicts="noise")
SIGMA_OF_TIMESTEP = {
    0: 0.0291675, 1: 0.0413145, 2: 0.0506804, 9: 0.0935676, 49: 0.2230031, 99: 0.3416739, 199: 0.5692849,
    299: 0.8298596, 399: 1.1605784, 499: 1.6128862, 599: 2.2764630, 699: 3.3210831, 749: 4.0817294, 799: 5.0877628,
    899: 8.3028030, 949: 10.9042349, 979: 12.9663210, 989: 13.7599630, 998: 14.5262756, 999: 14.6146421,
}  # fmt: skip
SIGMA_BETWEEN = {0.5: 0.0347137, 499.5: 1.6155803, 998.9: 14.6057854}
TIMESTEP_OF_SIGMA = {
    0.1: 10.382193, 0.5: 169.314758, 1: 353.890411, 2: 562.286011, 5: 795.173096, 10: 933.506775, 14.6: 998.834656,
    20: 999, 0.01: 0,
}  # fmt: skip
FLOAT32_SIGMA = 5e-7  # the published values were computed in float32, and printed with seven decimals
FLOAT32_TIMESTEP = 1e-4


@pytest.mark.parametrize(("timestep", "sigma"), SIGMA_OF_TIMESTEP.items())
def test_levels_are_those_of_the_released_models(timestep: int, sigma: float) -> None:
    assert SD1.sigma(timestep) == pytest.approx(sigma, abs=6e-8, rel=FLOAT32_SIGMA)
    assert SD1.sigma(timestep) == SD1.sigmas[timestep]


def test_ends_are_exact_in_float32() -> None:
    assert (SD1.sigma_min, SD1.sigma_max) == (0.029167532920837402, 14.614642143249512)


@pytest.mark.parametrize(("timestep", "sigma"), SIGMA_BETWEEN.items())
def test_between_timesteps_log_sigma_is_linear(timestep: float, sigma: float) -> None:
    assert SD1.sigma(timestep) == pytest.approx(sigma, abs=6e-8, rel=FLOAT32_SIGMA)


@pytest.mark.parametrize(("sigma", "timestep"), TIMESTEP_OF_SIGMA.items())
def test_timesteps_are_fractional_and_clamped(sigma: float, timestep: float) -> None:
    assert SD1.timestep(sigma) == pytest.approx(timestep, abs=FLOAT32_TIMESTEP)


@given(st.floats(0, 999))
def test_timestep_undoes_sigma(timestep: float) -> None:
    assert SD1.timestep(SD1.sigma(timestep)) == pytest.approx(timestep, abs=1e-9)


@pytest.mark.parametrize("timestep", [-3.0, 999.5, 1e9])
def test_timesteps_out_of_range_are_clamped(timestep: float) -> None:
    assert SD1.sigma(timestep) in (SD1.sigma_min, SD1.sigma_max)


@pytest.mark.parametrize("predicts", ["noise", "velocity"])
@pytest.mark.parametrize("sigma", [0.03, 1.0, 14.6])
def test_a_perfect_prediction_gives_back_the_picture(predicts: str, sigma: float) -> None:
    process = discrete(scaled_linear(0.00085, 0.012), predicts=predicts)  # pyright: ignore[reportArgumentType]
    picture, noise = torch.randn(2, 2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    signal, spread = (1 + sigma**2) ** -0.5, sigma * (1 + sigma**2) ** -0.5
    output = noise if predicts == "noise" else signal * noise - spread * picture

    x0 = process.x0(picture + sigma * noise, output, sigma)

    torch.testing.assert_close(x0, picture, atol=1e-5, rtol=0)


def test_scaled_input_has_unit_variance() -> None:
    assert SD1.input_scale(3.0) == pytest.approx(10**-0.5)


def test_levels_that_do_not_rise_are_refused() -> None:
    with pytest.raises(RequestError, match="rise"):
        NoiseProcess(sigmas=(0.1, 0.1), predicts="noise")
