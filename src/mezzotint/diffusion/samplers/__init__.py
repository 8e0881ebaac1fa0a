"""Samplers: ways of walking from noise to a picture. One file per algorithm; a line here adds it."""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.diffusion.sampling import Sampler

_HERE = "mezzotint.diffusion.samplers"

SAMPLERS: "Registry[Sampler]" = Registry(
    "sampler",
    {  # in the order in which people find them listed; the first is what an unknown name falls back to there
        "DPM++ 2M": f"{_HERE}.dpmpp_2m:DPMPP_2M",
        "DPM++ SDE": f"{_HERE}.dpmpp_sde:DPMPP_SDE",
        "DPM++ 2M SDE": f"{_HERE}.dpmpp_2m_sde:DPMPP_2M_SDE",
        "DPM++ 2M SDE Heun": f"{_HERE}.dpmpp_2m_sde:DPMPP_2M_SDE_HEUN",
        "DPM++ 2S a": f"{_HERE}.dpmpp_2s_ancestral:DPMPP_2S_A",
        "DPM++ 3M SDE": f"{_HERE}.dpmpp_3m_sde:DPMPP_3M_SDE",
        "Euler a": f"{_HERE}.euler_ancestral:EULER_A",
        "Euler": f"{_HERE}.euler:EULER",
        "LMS": f"{_HERE}.lms:LMS",
        "Heun": f"{_HERE}.heun:HEUN",
        "DPM2": f"{_HERE}.dpm2:DPM2",
        "DPM2 a": f"{_HERE}.dpm2:DPM2_A",
        "DPM fast": f"{_HERE}.dpm_fast:DPM_FAST",
        "DPM adaptive": f"{_HERE}.dpm_adaptive:DPM_ADAPTIVE",
        "Restart": f"{_HERE}.restart:RESTART",
        "DDIM": f"{_HERE}.ddim:DDIM",
        "DDIM CFG++": f"{_HERE}.ddim:DDIM_CFGPP",
        "PLMS": f"{_HERE}.plms:PLMS",
        "UniPC": f"{_HERE}.unipc:UNIPC",
        "LCM": f"{_HERE}.lcm:LCM",
    },
    group="mezzotint.samplers",
    aliases={
        "k_dpmpp_2m": "DPM++ 2M",
        "k_dpmpp_sde": "DPM++ SDE",
        "k_dpmpp_2m_sde": "DPM++ 2M SDE",
        "k_dpmpp_2m_sde_heun": "DPM++ 2M SDE Heun",
        "k_dpmpp_2s_a": "DPM++ 2S a",
        "k_dpmpp_3m_sde": "DPM++ 3M SDE",
        "k_euler_a": "Euler a",
        "k_euler_ancestral": "Euler a",
        "k_euler": "Euler",
        "k_lms": "LMS",
        "k_heun": "Heun",
        "k_dpm_2": "DPM2",
        "k_dpm_2_a": "DPM2 a",
        "k_dpm_fast": "DPM fast",
        "k_dpm_ad": "DPM adaptive",
        "ddim_cfgpp": "DDIM CFG++",
        "k_lcm": "LCM",
    },
)
