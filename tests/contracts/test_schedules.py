"""What every schedule must hold, and the published lists of those that have one."""

from typing import get_args

import pytest

from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.diffusion.schedules.align_your_steps import TABLES
from mezzotint.diffusion.schedules.ends import OLD_KARRAS
from mezzotint.diffusion.schedules.options import with_options, without_penultimate
from mezzotint.errors import RequestError
from mezzotint.registry import options

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
PRINTED = 2e-5  # the lists were computed in float32
UNIFORM_10 = "14.614643 7.839883 4.609174 2.918307 1.950161 1.344928 0.932358 0.624977 0.368658 0.029168 0"
UNIFORM_20 = (
    "14.614643 10.746800 8.081519 6.204935 4.855652 3.865378 3.123761 2.557166 2.115658 1.764822 1.480581 1.245813 "
    "1.048142 0.878428 0.729719 0.596434 0.473585 0.355545 0.232164 0.029168 0"
)
EXPONENTIAL_10 = "14.614643 7.324882 3.671242 1.840032 0.922227 0.462222 0.231666 0.116111 0.058195 0.029168 0"
EXPONENTIAL_20 = (
    "14.614643 10.536318 7.596079 5.476335 3.948123 2.846370 2.052068 1.479423 1.066579 0.768942 0.554363 0.399664 "
    "0.288135 0.207729 0.149760 0.107969 0.077839 0.056118 0.040458 0.029168 0"
)
LISTS = {
    ("Automatic", 10): UNIFORM_10,
    ("Uniform", 10): UNIFORM_10,
    ("Normal", 10): UNIFORM_10,
    ("Karras", 10): "14.614643 9.102934 5.478399 3.168609 1.749423 0.914077 0.446921 0.201400 0.081911 0.029168 0",
    ("Exponential", 10): EXPONENTIAL_10,
    ("Polyexponential", 10): EXPONENTIAL_10,
    ("SGM Uniform", 10): "14.614643 8.307171 5.092408 3.325069 2.279731 1.615580 1.162865 0.831884 0.571189 0.343705 0",
    ("KL Optimal", 10): (
        "14.614633 4.565038 2.632888 1.786446 1.294768 0.961588 0.711627 0.509420 0.335638 0.178347 0.029168"
    ),
    ("Align Your Steps", 10): (
        "14.615 6.113513 3.565114 2.393873 1.649956 1.135787 0.742518 0.445007 0.169205 0.029 0"
    ),
    ("Simple", 10): "14.614642 8.302803 5.087763 3.321083 2.276463 1.612886 1.160578 0.829860 0.569285 0.341674 0",
    ("DDIM", 10): "8.390684 5.134431 3.347764 2.292854 1.623692 1.168216 0.835653 0.574050 0.346187 0.041314 0",
    ("Beta", 10): "14.614642 13.927786 12.490981 10.597609 8.442437 6.201372 4.046201 2.152829 0.716024 0.029168 0",
    ("Automatic", 20): UNIFORM_20,
    ("Karras", 20): (
        "14.614643 11.725368 9.340208 7.383627 5.789421 4.499844 3.464755 2.640847 1.990921 1.483217 1.090791 0.790949 "
        "0.564725 0.396392 0.273040 0.184169 0.121342 0.077861 0.048482 0.029168 0"
    ),
    ("Exponential", 20): EXPONENTIAL_20,
    ("Align Your Steps", 20): (
        "14.615 9.521713 6.301180 4.800019 3.717901 3.078137 2.548905 2.111525 1.770252 1.511015 1.266044 1.041299 "
        "0.851409 0.693412 0.544092 0.420168 0.265765 0.159920 0.069351 0.029 0"
    ),
}
CHANGED: dict[str, tuple[str, dict[str, float | str], str]] = {
    "another rho": (
        "Karras", {"rho": 5.0},
        "14.614642 9.681305 6.180377 3.774493 2.183973 1.181420 0.586293 0.259493 0.097943 0.029168 0",
    ),
    "the old ends": (
        "Karras", {**OLD_KARRAS},
        "10 6.802165 4.524204 2.934120 1.849302 1.128182 0.662886 0.372822 0.199141 0.1 0",
    ),
    "the table of SDXL": (
        "Align Your Steps", {"table": "sdxl"},
        "14.615 5.963397 3.338965 1.855046 1.102326 0.674959 0.431142 0.260621 0.122519 0.029 0",
    ),
}  # fmt: skip
SHORTENED = {
    "Karras": "14.614643 9.558269 6.082160 3.751262 2.232161 1.274105 0.692574 0.355185 0.169758 0.074364 0",
    "Exponential": "14.614643 7.848731 4.215126 2.263715 1.215718 0.652896 0.350635 0.188307 0.101129 0.054311 0",
}
FROM_THE_TOP = {"DDIM", "Align Your Steps"}  # all but these, which have a table's levels
WITH_ENDS = ["Karras", "Exponential", "Polyexponential", "SGM Uniform", "KL Optimal", "Normal", "Beta"]


def numbers(text: str) -> object:
    return pytest.approx([float(number) for number in text.split()], abs=PRINTED)


@pytest.mark.parametrize(("name", "steps"), LISTS)
def test_levels_equal_the_published_list(name: str, steps: int) -> None:
    assert SCHEDULES[name](SD1, steps) == numbers(LISTS[name, steps])


@pytest.mark.parametrize("change", CHANGED)
def test_levels_under_other_options_equal_the_published_list(change: str) -> None:
    name, given, expected = CHANGED[change]

    assert with_options(SCHEDULES[name], **given)(SD1, 10) == numbers(expected)


@pytest.mark.parametrize("name", SHORTENED)
def test_levels_without_the_penultimate_equal_the_published_list(name: str) -> None:
    assert without_penultimate(SCHEDULES[name])(SD1, 10) == numbers(SHORTENED[name])


def test_eleven_steps_are_the_published_table_itself() -> None:
    schedule = SCHEDULES["Align Your Steps"]
    for table, rows in TABLES.items():
        assert with_options(schedule, table=table)(SD1, 11) == [*rows, 0.0]


def test_ddim_takes_as_many_levels_as_its_stride_gives() -> None:
    assert [len(SCHEDULES["DDIM"](SD1, steps)) for steps in (7, 10, 30, 999, 1500)] == [9, 11, 32, 1000, 1000]


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 7, 150, 1500])
def test_levels_fall_from_the_noisiest_to_zero(name: str, steps: int) -> None:
    sigmas: Sigmas = SCHEDULES[name](SD1, steps)

    assert all(type(sigma) is float for sigma in sigmas)
    assert sigmas == sorted(set(sigmas), reverse=True)
    if name not in FROM_THE_TOP:
        assert sigmas[0] == pytest.approx(SD1.sigma_max)
    if name != "DDIM":
        assert len(sigmas) == steps + 1
    assert sigmas[-1] == (pytest.approx(SD1.sigma_min) if name == "KL Optimal" else 0)


@pytest.mark.parametrize("name", WITH_ENDS)
def test_other_ends_are_kept_to(name: str) -> None:
    schedule = with_options(SCHEDULES[name], sigma_min=0.2, sigma_max=9.0)

    above = [sigma for sigma in schedule(SD1, 12) if sigma > 0]

    assert above[0] == pytest.approx(9.0)
    assert above[-1] >= 0.2 * 0.999
    assert name == "SGM Uniform" or above[-1] == pytest.approx(0.2)


@pytest.mark.parametrize("name", WITH_ENDS)
def test_ends_the_wrong_way_round_are_refused(name: str) -> None:
    with pytest.raises(RequestError, match="must be below the highest, 1, got 2"):
        with_options(SCHEDULES[name], sigma_min=2.0, sigma_max=1.0)(SD1, 12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_options_it_does_not_take_and_zeros_change_nothing(name: str) -> None:
    changed = with_options(SCHEDULES[name], sigma_min=0.0, sigma_max=0, rho=0.0, unheard_of=3.0)

    assert changed(SD1, 9) == SCHEDULES[name](SD1, 9)


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_steps_are_refused(name: str) -> None:
    with pytest.raises(RequestError, match="at least 1, got 0"):
        SCHEDULES[name](SD1, 0)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_option_has_limits_and_a_default_within(name: str) -> None:
    for option in options(SCHEDULES[name]).values():
        if option.limits is not None:
            assert option.default in option.limits
        else:
            assert option.default in get_args(option.type)
