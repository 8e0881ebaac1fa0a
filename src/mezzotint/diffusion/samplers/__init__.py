"""Samplers: ways of walking from noise to a picture. One file per paper; a line here adds it."""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.diffusion.sampling import Sampler

SAMPLERS: "Registry[Sampler]" = Registry(
    "sampler",
    {
        "DPM++ 2M": "mezzotint.diffusion.samplers.dpmpp_2m:DPMPP_2M",
        "Euler a": "mezzotint.diffusion.samplers.euler_ancestral:EULER_A",
        "Euler": "mezzotint.diffusion.samplers.euler:EULER",
        "DDIM": "mezzotint.diffusion.samplers.ddim:DDIM",
    },
    group="mezzotint.samplers",
    aliases={
        "k_dpmpp_2m": "DPM++ 2M",
        "k_euler_a": "Euler a",
        "k_euler_ancestral": "Euler a",
        "k_euler": "Euler",
    },
)
