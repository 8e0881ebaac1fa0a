"""Schedules in log sigma: even, and as a power of it (K. Crowson's k-diffusion, 2022)."""

from typing import Annotated

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.diffusion.schedules.ends import End, ends
from mezzotint.errors import require
from mezzotint.registry import Limits


def exponential(noise_process: NoiseProcess, steps: int, *, sigma_min: End = 0.0, sigma_max: End = 0.0) -> Sigmas:
    """Noise levels evenly spaced in log sigma, then 0. Raises RequestError if steps < 1."""
    return polyexponential(noise_process, steps, sigma_min=sigma_min, sigma_max=sigma_max)


def polyexponential(
    noise_process: NoiseProcess,
    steps: int,
    *,
    sigma_min: End = 0.0,
    sigma_max: End = 0.0,
    rho: Annotated[float, Limits(0.1, 30)] = 1.0,
) -> Sigmas:
    """Noise levels whose log sigma falls as the power ``rho`` of an even ramp, then 0; 1 is `exponential`.

    Larger ``rho`` spends more steps near the picture. Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    high, low = ends(noise_process, sigma_min, sigma_max)
    ramp = [(1 - i / max(steps - 1, 1)) ** rho for i in range(steps)]
    return [high * (low / high) ** (1 - share) for share in ramp] + [0.0]
