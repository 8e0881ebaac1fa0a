"""Evenly spaced timesteps as Stability's generative-models repository lays them: the cleanest one left out."""

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.errors import require


def sgm_uniform(noise_process: NoiseProcess, steps: int) -> Sigmas:
    """Noise levels at the first ``steps`` of ``steps`` + 1 evenly spaced timesteps, then 0.

    Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    last = noise_process.last_timestep
    return [noise_process.sigma(last - last * i / steps) for i in range(steps)] + [0.0]
