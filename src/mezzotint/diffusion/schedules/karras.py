"""The schedule of Karras et al. 2022 (arXiv:2206.00364)."""

from typing import Annotated

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.errors import require
from mezzotint.registry import Limits


def karras(noise_process: NoiseProcess, steps: int, *, rho: Annotated[float, Limits(1, 20)] = 7.0) -> Sigmas:
    """Noise levels evenly spaced in sigma^(1/rho), then 0 (eq. 5).

    Larger ``rho`` spends more steps near the picture. Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    high, low = (sigma ** (1 / rho) for sigma in (noise_process.sigma_max, noise_process.sigma_min))
    return [(high + i / max(steps - 1, 1) * (low - high)) ** rho for i in range(steps)] + [0.0]
