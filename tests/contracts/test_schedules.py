"""What every schedule must hold, and the published lists of those that have one."""

import pytest

from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.errors import RequestError
from mezzotint.registry import options

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
PRINTED = 2e-5  # the lists were computed in float32
UNIFORM_10 = "14.614643 7.839883 4.609174 2.918307 1.950161 1.344928 0.932358 0.624977 0.368658 0.029168 0"
UNIFORM_20 = (
    "14.614643 10.746800 8.081519 6.204935 4.855652 3.865378 3.123761 2.557166 2.115658 1.764822 1.480581 1.245813 "
    "1.048142 0.878428 0.729719 0.596434 0.473585 0.355545 0.232164 0.029168 0"
)
LISTS = {
    ("Automatic", 10): UNIFORM_10,
    ("Uniform", 10): UNIFORM_10,
    ("Normal", 10): UNIFORM_10,
    ("Karras", 10): "14.614643 9.102934 5.478399 3.168609 1.749423 0.914077 0.446921 0.201400 0.081911 0.029168 0",
    ("Exponential", 10): "14.614643 7.324882 3.671242 1.840032 0.922227 0.462222 0.231666 0.116111 0.058195 0.029168 0",
    ("SGM Uniform", 10): "14.614643 8.307171 5.092408 3.325069 2.279731 1.615580 1.162865 0.831884 0.571189 0.343705 0",
    ("Automatic", 20): UNIFORM_20,
    ("Karras", 20): (
        "14.614643 11.725368 9.340208 7.383627 5.789421 4.499844 3.464755 2.640847 1.990921 1.483217 1.090791 0.790949 "
        "0.564725 0.396392 0.273040 0.184169 0.121342 0.077861 0.048482 0.029168 0"
    ),
    ("Exponential", 20): (
        "14.614643 10.536318 7.596079 5.476335 3.948123 2.846370 2.052068 1.479423 1.066579 0.768942 0.554363 0.399664 "
        "0.288135 0.207729 0.149760 0.107969 0.077839 0.056118 0.040458 0.029168 0"
    ),
}


@pytest.mark.parametrize(("name", "steps"), LISTS)
def test_levels_equal_the_published_list(name: str, steps: int) -> None:
    assert SCHEDULES[name](SD1, steps) == pytest.approx([float(s) for s in LISTS[name, steps].split()], abs=PRINTED)


def test_karras_takes_another_rho() -> None:
    expected = "14.614642 9.681305 6.180377 3.774493 2.183973 1.181420 0.586293 0.259493 0.097943 0.029168 0"
    karras = SCHEDULES["Karras"]
    assert karras(SD1, 10, rho=5.0) == pytest.approx(  # pyright: ignore[reportCallIssue]
        [float(s) for s in expected.split()], abs=PRINTED
    )


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 7, 150, 1500])
def test_levels_fall_from_the_noisiest_to_zero(name: str, steps: int) -> None:
    sigmas = SCHEDULES[name](SD1, steps)

    assert len(sigmas) == steps + 1
    assert all(type(sigma) is float for sigma in sigmas)
    assert sigmas == sorted(set(sigmas), reverse=True)
    assert sigmas[0] == pytest.approx(SD1.sigma_max)
    assert sigmas[-1] == 0


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_steps_are_refused(name: str) -> None:
    with pytest.raises(RequestError, match="at least 1, got 0"):
        SCHEDULES[name](SD1, 0)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_option_has_limits_and_a_default_within(name: str) -> None:
    for option in options(SCHEDULES[name]).values():
        assert option.limits is not None
        assert option.default in option.limits
