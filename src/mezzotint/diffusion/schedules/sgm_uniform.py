"""Evenly spaced timesteps as Stability's generative-models repository lays them: the cleanest one left out."""

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.diffusion.schedules.ends import End, ends
from mezzotint.errors import require


def sgm_uniform(noise_process: NoiseProcess, steps: int, *, sigma_min: End = 0.0, sigma_max: End = 0.0) -> Sigmas:
    """Noise levels at the first ``steps`` of ``steps`` + 1 evenly spaced timesteps, then 0.

    Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    first, last = (noise_process.timestep(sigma) for sigma in ends(noise_process, sigma_min, sigma_max))
    return [noise_process.sigma(first + (last - first) * i / steps) for i in range(steps)] + [0.0]
