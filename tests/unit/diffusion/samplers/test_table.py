"""The table of samplers against the list that people know, flag by flag."""

import pytest

from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.registry import options

# in order: name, aliases, default schedule, what is particular to it
TABLE = """
DPM++ 2M          | k_dpmpp_2m                 | Karras      |
DPM++ SDE         | k_dpmpp_sde                | Karras      | second_order brownian eta s_noise
DPM++ 2M SDE      | k_dpmpp_2m_sde             | Exponential | brownian eta s_noise
DPM++ 2M SDE Heun | k_dpmpp_2m_sde_heun        | Exponential | brownian eta s_noise
DPM++ 2S a        | k_dpmpp_2s_a               | Karras      | ensd second_order eta s_noise
DPM++ 3M SDE      | k_dpmpp_3m_sde             | Exponential | discard brownian eta s_noise
Euler a           | k_euler_a k_euler_ancestral | Automatic  | ensd eta
Euler             | k_euler                    | Automatic   | churn s_noise
LMS               | k_lms                      | Automatic   |
Heun              | k_heun                     | Automatic   | second_order churn s_noise
DPM2              | k_dpm_2                    | Karras      | discard second_order churn s_noise
DPM2 a            | k_dpm_2_a                  | Karras      | discard ensd second_order eta s_noise
DPM fast          | k_dpm_fast                 | Automatic   | own_levels ensd eta s_noise
DPM adaptive      | k_dpm_ad                   | Automatic   | own_levels ensd eta couples
Restart           |                            | Karras      | second_order
DDIM              |                            | Automatic   | timesteps eta
DDIM CFG++        | ddim_cfgpp                 | Automatic   | timesteps eta unconditional
PLMS              |                            | Automatic   | timesteps
UniPC             |                            | Automatic   | timesteps
LCM               | k_lcm                      | Automatic   | own_denoiser
"""
ROWS = [[cell.strip() for cell in row.split("|")] for row in TABLE.strip().splitlines()]


def test_they_are_listed_in_the_order_people_know() -> None:
    assert list(SAMPLERS) == [name for name, *_ in ROWS]


@pytest.mark.parametrize(("name", "aliases", "schedule", "particular"), ROWS, ids=[name for name, *_ in ROWS])
def test_each_is_what_the_list_says(name: str, aliases: str, schedule: str, particular: str) -> None:
    sampler, taken = SAMPLERS[name], options(SAMPLERS[name].run)

    flags = {
        "second_order": sampler.second_order,
        "brownian": sampler.brownian,
        "ensd": sampler.uses_ensd,
        "discard": sampler.discard_penultimate,
        "own_levels": sampler.own_levels,
        "timesteps": sampler.timestep_space,
        "couples": sampler.couples_pictures,
        "unconditional": sampler.uses_unconditional,
        "own_denoiser": sampler.adapt is not None and sampler.levels_of is not None,
        "eta": "eta" in taken,
        "s_noise": "s_noise" in taken,
        "churn": {"s_churn", "s_tmin", "s_tmax"} <= set(taken),
    }
    assert {flag for flag, is_set in flags.items() if is_set} == set(particular.split())
    assert sampler.schedule == schedule
    assert {alias for alias, of in SAMPLERS.aliases.items() if of == name} == set(aliases.split())


def test_defaults_of_fresh_noise_are_one_but_for_ddim() -> None:
    etas = {name: options(SAMPLERS[name].run)["eta"].default for name in SAMPLERS if SAMPLERS[name].uses_eta}

    assert {name for name, eta in etas.items() if eta == 0} == {"DDIM", "DDIM CFG++"}
    assert set(etas.values()) == {0.0, 1.0}


def test_variants_of_one_algorithm_are_told_apart() -> None:
    assert {name: SAMPLERS[name].solver_type for name in SAMPLERS if SAMPLERS[name].solver_type} == {
        "DPM++ 2M SDE Heun": "heun"
    }


def test_two_looks_per_step_double_a_prompts_steps() -> None:
    assert [SAMPLERS[name].total_steps(20) for name in ("Heun", "DPM++ 2M", "Restart", "DDIM")] == [40, 20, 40, 20]


def test_a_sampler_is_handed_the_options_it_takes() -> None:
    given = {"eta": 0.5, "s_churn": 2.0, "s_noise": 0.9, "variant": "bh2"}

    assert SAMPLERS["Euler"].accepted(given) == {"s_churn": 2.0, "s_noise": 0.9}
    assert SAMPLERS["Euler a"].accepted(given) == {"eta": 0.5}
    assert SAMPLERS["UniPC"].accepted(given) == {"variant": "bh2"}
    assert SAMPLERS["PLMS"].accepted(given) == {}
