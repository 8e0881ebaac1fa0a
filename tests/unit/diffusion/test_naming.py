"""Names of samplers and schedules as people write them."""

import subprocess
import sys

import pytest

from mezzotint.diffusion.naming import effective_schedule, nearest_sampler_and_schedule, sampler_and_schedule
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.errors import UnknownName

READINGS = {
    ("DPM++ 2M", None): ("DPM++ 2M", "Automatic", "Karras"),
    ("DPM++ 2M Karras", None): ("DPM++ 2M", "Karras", "Karras"),
    ("DPM++ 2M", "karras"): ("DPM++ 2M", "Karras", "Karras"),
    ("DPM++ 2M Exponential", None): ("DPM++ 2M", "Exponential", "Exponential"),
    ("DPM++ 2M Karras", "Exponential"): ("DPM++ 2M", "Exponential", "Exponential"),
    ("DPM++ 2M", "Automatic"): ("DPM++ 2M", "Automatic", "Karras"),
    ("Euler a", "automatic"): ("Euler a", "Automatic", "Automatic"),
    ("Euler a", "Uniform"): ("Euler a", "Uniform", "Uniform"),
    ("Euler SGMUniform", None): ("Euler", "SGM Uniform", "SGM Uniform"),
    ("Euler SGM Uniform", None): ("Euler", "SGM Uniform", "SGM Uniform"),
    ("euler sgm uniform", None): ("Euler", "SGM Uniform", "SGM Uniform"),
    ("Euler", "sgm_uniform"): ("Euler", "SGM Uniform", "SGM Uniform"),
    ("k_euler_a", None): ("Euler a", "Automatic", "Automatic"),
    ("k_euler_ancestral", None): ("Euler a", "Automatic", "Automatic"),
    ("euler A", None): ("Euler a", "Automatic", "Automatic"),
    ("DDIM", "Karras"): ("DDIM", "Karras", "Karras"),
    ("DPM++ 2M SDE Karras", None): ("DPM++ 2M SDE", "Karras", "Karras"),
    ("DPM++ 2M SDE Heun", None): ("DPM++ 2M SDE Heun", "Automatic", "Exponential"),
    ("LMS Karras", None): ("LMS", "Karras", "Karras"),
    ("DPM2 a Karras", None): ("DPM2 a", "Karras", "Karras"),
    ("DPM++ SDE Karras", "Exponential"): ("DPM++ SDE", "Exponential", "Exponential"),
    ("Euler Align Your Steps", None): ("Euler", "Align Your Steps", "Align Your Steps"),
    ("Euler DDIM", None): ("Euler", "DDIM", "DDIM"),
    ("Euler", "kl_optimal"): ("Euler", "KL Optimal", "KL Optimal"),
    ("restart", None): ("Restart", "Automatic", "Karras"),
    ("k_dpm_ad", "polyexponential"): ("DPM adaptive", "Polyexponential", "Polyexponential"),
}
FORGIVEN = {
    ("nope", None): ("DPM++ 2M", "Automatic"),
    (None, None): ("DPM++ 2M", "Automatic"),
    ("", ""): ("DPM++ 2M", "Automatic"),
    ("Euler a", "bogus"): ("Euler a", "Automatic"),
    ("nope Karras", None): ("DPM++ 2M", "Karras"),
    ("nope", "Beta"): ("DPM++ 2M", "Beta"),
}


@pytest.mark.parametrize(("written", "meant"), READINGS.items())
def test_names_are_read_as_people_write_them(written: tuple[str, str | None], meant: tuple[str, str, str]) -> None:
    sampler, schedule = sampler_and_schedule(*written)

    assert (sampler, schedule, effective_schedule(SAMPLERS[sampler], schedule)) == meant


@pytest.mark.parametrize(("written", "meant"), FORGIVEN.items())
def test_unknown_names_can_be_forgiven(written: tuple[str | None, str | None], meant: tuple[str, str]) -> None:
    assert nearest_sampler_and_schedule(*written) == meant


@pytest.mark.parametrize("written", READINGS)
def test_known_names_are_read_alike_by_the_forgiving(written: tuple[str, str | None]) -> None:
    assert nearest_sampler_and_schedule(*written) == sampler_and_schedule(*written)


@pytest.mark.parametrize("written", [("nope", None), ("Karras", None), ("Euler", "bogus"), ("Euler  bogus", "Karras")])
def test_unknown_names_are_refused(written: tuple[str, str | None]) -> None:
    with pytest.raises(UnknownName):
        sampler_and_schedule(*written)


def test_the_registries_list_their_names_without_loading_torch() -> None:
    code = (
        "import sys; from mezzotint.diffusion.samplers import SAMPLERS; from mezzotint.diffusion.schedules import "
        "SCHEDULES; assert SAMPLERS.names() and SCHEDULES.names(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
