"""Schedules: which noise levels a run visits. One file per rule; a line here adds it."""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.diffusion.sampling import Schedule

_HERE = "mezzotint.diffusion.schedules"

SCHEDULES: "Registry[Schedule]" = Registry(
    "schedule",
    {
        "Automatic": f"{_HERE}.normal:uniform",  # where the sampler has no preference
        "Uniform": f"{_HERE}.normal:uniform",
        "Karras": f"{_HERE}.karras:karras",
        "Exponential": f"{_HERE}.exponential:exponential",
        "Polyexponential": f"{_HERE}.exponential:polyexponential",
        "SGM Uniform": f"{_HERE}.sgm_uniform:sgm_uniform",
        "KL Optimal": f"{_HERE}.kl_optimal:kl_optimal",
        "Align Your Steps": f"{_HERE}.align_your_steps:align_your_steps",
        "Simple": f"{_HERE}.table:simple",
        "Normal": f"{_HERE}.normal:normal",
        "DDIM": f"{_HERE}.table:ddim",
        "Beta": f"{_HERE}.beta:beta",
    },
    group="mezzotint.schedules",
    aliases={
        "sgm_uniform": "SGM Uniform",
        "SGMUniform": "SGM Uniform",
        "kl_optimal": "KL Optimal",
        "align_your_steps": "Align Your Steps",
    },
)
