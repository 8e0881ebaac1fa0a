"""The two ends of a schedule: the model's own levels, unless others are asked for."""

from typing import Annotated, TypeAlias

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.errors import require
from mezzotint.registry import Limits

End: TypeAlias = Annotated[float, Limits(0, 10_000)]
"""A noise level to end at; 0 leaves it to the model."""

OLD_KARRAS = {"sigma_min": 0.1, "sigma_max": 10.0}
"""Ends that the web UI used for every model before it asked the model (``use_old_karras_scheduler_sigmas``)."""


def ends(noise_process: NoiseProcess, sigma_min: float, sigma_max: float) -> tuple[float, float]:
    """``(highest, lowest)`` level of a schedule. Raises RequestError if they are the wrong way round."""
    low, high = sigma_min or noise_process.sigma_min, sigma_max or noise_process.sigma_max
    require(low < high, f"the lowest noise level must be below the highest, {high:g}, got {low:g}")
    return high, low
