"""The whole-number grid of samplers that count in timesteps (DDIM and its kin). Not a schedule one can choose."""

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.errors import require


def even_timesteps(noise_process: NoiseProcess, steps: int) -> Sigmas:
    """Falling noise levels at multiples of floor(T / ``steps``), each plus 1; T is 1000 for most models.

    No final 0, and not always ``steps`` levels: 3 gives 4, 30 gives 31. Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    count = noise_process.last_timestep + 1
    stride = max(count // steps, 1)
    rising = sorted({min(t + 1, noise_process.last_timestep) for t in range(0, count, stride)})
    return [noise_process.sigmas[t] for t in reversed(rising)]
