"""The exponential schedule: every step divides the noise by the same number."""

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.errors import require


def exponential(noise_process: NoiseProcess, steps: int) -> Sigmas:
    """Noise levels evenly spaced in log sigma, then 0. Raises RequestError if steps < 1."""
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    high, low = noise_process.sigma_max, noise_process.sigma_min
    return [high * (low / high) ** (i / max(steps - 1, 1)) for i in range(steps)] + [0.0]
