"""Noise levels and timesteps against the published schedule of Stable Diffusion, and the two kinds of prediction."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.diffusion.noise_process import (
    NoiseProcess,
    discrete,
    downcast,
    for_timestep_sampler,
    quantized,
    scaled_linear,
    zero_terminal_snr,
)
from mezzotint.errors import RequestError

SD1 = discrete(scaled_linear(0.00085, 0.012, steps=1000), predicts="noise")
SIGMA_OF_TIMESTEP = {
    0: 0.0291675, 1: 0.0413145, 2: 0.0506804, 9: 0.0935676, 49: 0.2230031, 99: 0.3416739, 199: 0.5692849,
    299: 0.8298596, 399: 1.1605784, 499: 1.6128862, 599: 2.2764630, 699: 3.3210831, 749: 4.0817294, 799: 5.0877628,
    899: 8.3028030, 949: 10.9042349, 979: 12.9663210, 989: 13.7599630, 998: 14.5262756, 999: 14.6146421,
}  # fmt: skip
SIGNAL_OF_TIMESTEP = {
    0: 0.999149978, 1: 0.998296022, 2: 0.997438073, 9: 0.991321087, 49: 0.952625573, 99: 0.895462751,
    199: 0.755238354, 299: 0.592183113, 399: 0.426086366, 499: 0.277669638, 599: 0.161752522, 699: 0.083128333,
    749: 0.056623492, 799: 0.037195001, 899: 0.014298677, 949: 0.008340120, 979: 0.005912770, 989: 0.005253851,
    998: 0.004716699, 999: 0.004660098,
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


@pytest.mark.parametrize(("timestep", "signal"), SIGNAL_OF_TIMESTEP.items())
def test_shares_of_signal_are_those_of_the_released_models(timestep: int, signal: float) -> None:
    assert SD1.signal[timestep] == pytest.approx(signal, abs=5.1e-10)


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


def test_shares_of_signal_for_other_levels_are_refused() -> None:
    with pytest.raises(RequestError, match="2 levels cannot have 3"):
        NoiseProcess(sigmas=(0.1, 0.2), predicts="noise", signal=(0.9, 0.8, 0.7))


def test_terminal_snr_reaches_zero() -> None:
    process = zero_terminal_snr(SD1)

    signal = {1: 0.998233497, 99: 0.888085902, 499: 0.242359176, 899: 0.00303307}
    for timestep, share in signal.items():
        assert process.signal[timestep] == pytest.approx(share, rel=2e-6)
    assert process.signal[998] == pytest.approx(1.96789e-07, rel=1e-5)
    assert process.signal[999] == pytest.approx(4.8973451890853435e-08, rel=6e-8)  # a float32
    sigmas = {1: 0.042067, 499: 1.76808, 899: 18.1301, 998: 2254.24, 999: 4518.76}
    for timestep, sigma in sigmas.items():
        assert process.sigmas[timestep] == pytest.approx(sigma, rel=5e-6)
    assert process.sigma_min == pytest.approx(SD1.sigma_min, rel=1e-5)  # the cleanest level stays


def test_half_precision_rounds_the_shares_of_signal() -> None:
    process = downcast(SD1)

    assert process.sigma_min == pytest.approx(0.031265, abs=5e-7)
    assert process.sigma_max == pytest.approx(14.612339, abs=5e-6)
    assert all(abs(half / full - 1) < 2**-10 for half, full in zip(process.signal, SD1.signal, strict=True))


def test_older_pictures_may_have_had_both() -> None:
    process = zero_terminal_snr(downcast(SD1))

    assert process.sigma_min == pytest.approx(0.031265, abs=5e-6)
    assert process.signal[999] == pytest.approx(4.8973451890853435e-08, rel=6e-8)  # a float32


@pytest.mark.parametrize("revise", [zero_terminal_snr, downcast])
def test_levels_that_came_from_no_betas_cannot_be_revised(revise: Callable[[NoiseProcess], NoiseProcess]) -> None:
    with pytest.raises(RequestError, match="not made from betas"):
        revise(NoiseProcess(sigmas=(0.1, 0.2), predicts="noise"))


@pytest.mark.parametrize(("sigma", "timestep"), {0.5: 169, 1: 354, 10: 934, 0.001: 0, 99.0: 999}.items())
def test_a_quantized_model_is_told_the_nearest_timestep(sigma: float, timestep: float) -> None:
    assert quantized(SD1).timestep(sigma) == timestep


@given(st.floats(0.001, 20))
def test_the_nearest_timestep_is_nearest_in_log_sigma(sigma: float) -> None:
    timestep = int(quantized(SD1).timestep(sigma))

    distances = [abs(math.log(sigma / level)) for level in SD1.sigmas]

    assert distances[timestep] == pytest.approx(min(distances), abs=1e-12)


def test_revisions_change_nothing_else() -> None:
    velocity = discrete(scaled_linear(0.00085, 0.012), predicts="velocity")

    assert zero_terminal_snr(quantized(velocity)) == quantized(zero_terminal_snr(velocity))
    assert quantized(velocity).predicts == "velocity"
    assert quantized(velocity).sigmas == velocity.sigmas


@pytest.mark.parametrize("timestep", [1, 501.0, 899.1, 999])
def test_timestep_samplers_read_velocity_at_the_whole_timestep(timestep: float) -> None:
    process = for_timestep_sampler(quantized(discrete(scaled_linear(0.00085, 0.012), predicts="velocity")))
    unit, velocity = torch.randn(2, 2, 4, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    sigma, signal = process.sigma(timestep), process.signal[int(timestep)]
    x = unit * math.hypot(1, sigma)

    noise = (x - process.x0(x, velocity, sigma)) / sigma

    expected = signal**0.5 * velocity + (1 - signal) ** 0.5 * unit  # as the contract has it, in unit variance
    torch.testing.assert_close(noise, expected, atol=2e-6, rtol=0)
    assert process.timestep(sigma) == pytest.approx(timestep, abs=1e-9)  # the network is told the fraction
