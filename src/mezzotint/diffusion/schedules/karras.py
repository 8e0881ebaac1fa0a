"""The schedule of Karras et al. 2022 (arXiv:2206.00364)."""

from typing import Annotated

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.diffusion.schedules.ends import End, ends
from mezzotint.errors import require
from mezzotint.registry import Limits


def karras(
    noise_process: NoiseProcess,
    steps: int,
    *,
    sigma_min: End = 0.0,
    sigma_max: End = 0.0,
    rho: Annotated[float, Limits(1, 30)] = 7.0,
) -> Sigmas:
    """Noise levels evenly spaced in sigma^(1/rho), then 0 (eq. 5).

    Larger ``rho`` spends more steps near the picture. Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    return [*karras_levels(*ends(noise_process, sigma_min, sigma_max), steps, rho=rho), 0.0]


def karras_levels(high: float, low: float, count: int, *, rho: float = 7.0) -> Sigmas:
    """``count`` levels, both ends included."""
    first, last = high ** (1 / rho), low ** (1 / rho)
    return [(first + i / max(count - 1, 1) * (last - first)) ** rho for i in range(count)]
