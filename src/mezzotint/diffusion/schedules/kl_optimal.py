"""The schedule that is optimal in KL divergence for a simple case (Sabour et al. 2024, arXiv:2404.14507, eq. 11)."""

import math

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.diffusion.schedules.ends import End, ends
from mezzotint.errors import require


def kl_optimal(noise_process: NoiseProcess, steps: int, *, sigma_min: End = 0.0, sigma_max: End = 0.0) -> Sigmas:
    """Noise levels whose arc tangent is evenly spaced, ``steps`` + 1 of them and no 0 at the end.

    A run over them leaves the lowest level of noise in the picture, as the web UI's does.
    Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    first, last = (math.atan(sigma) for sigma in ends(noise_process, sigma_min, sigma_max))
    return [math.tan(last * i / steps + first * (1 - i / steps)) for i in range(steps + 1)]
