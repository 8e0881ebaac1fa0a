"""The model's own grid: timesteps evenly spaced from the noisiest to the cleanest."""

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.errors import require


def normal(noise_process: NoiseProcess, steps: int) -> Sigmas:
    """Noise levels at evenly spaced, fractional timesteps, both ends included, then 0.

    Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    last = noise_process.last_timestep
    return [noise_process.sigma(last - last * i / max(steps - 1, 1)) for i in range(steps)] + [0.0]
