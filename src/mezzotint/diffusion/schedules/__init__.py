"""Schedules: which noise levels a run visits. One file per rule; a line here adds it."""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.diffusion.sampling import Schedule

SCHEDULES: "Registry[Schedule]" = Registry(
    "schedule",
    {
        "Automatic": "mezzotint.diffusion.schedules.normal:normal",  # where the sampler has no preference
        "Uniform": "mezzotint.diffusion.schedules.normal:normal",
        "Karras": "mezzotint.diffusion.schedules.karras:karras",
        "Exponential": "mezzotint.diffusion.schedules.exponential:exponential",
        "SGM Uniform": "mezzotint.diffusion.schedules.sgm_uniform:sgm_uniform",
        "Normal": "mezzotint.diffusion.schedules.normal:normal",
    },
    group="mezzotint.schedules",
    aliases={"sgm_uniform": "SGM Uniform", "SGMUniform": "SGM Uniform"},
)
