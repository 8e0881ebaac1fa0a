"""The model's own grid: timesteps evenly spaced from the noisiest to the cleanest."""

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.diffusion.schedules.ends import End, ends
from mezzotint.errors import require


def uniform(noise_process: NoiseProcess, steps: int) -> Sigmas:
    """Noise levels at evenly spaced, fractional timesteps from the last to 0, both included, then 0.

    Raises RequestError if steps < 1.
    """
    return normal(noise_process, steps)


def normal(noise_process: NoiseProcess, steps: int, *, sigma_min: End = 0.0, sigma_max: End = 0.0) -> Sigmas:
    """The same between other ends, if they are given, as far as the model's timesteps reach."""
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    first, last = (noise_process.timestep(sigma) for sigma in ends(noise_process, sigma_min, sigma_max))
    return [noise_process.sigma(first + (last - first) * i / max(steps - 1, 1)) for i in range(steps)] + [0.0]
