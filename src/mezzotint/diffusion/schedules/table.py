"""Schedules that pick whole timesteps from the model's table."""

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.errors import require


def simple(noise_process: NoiseProcess, steps: int) -> Sigmas:
    """Every (T / ``steps``)-th timestep from the noisiest on, T being how many there are, then 0.

    Rounded to whole ones while there are enough of them. Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    count = noise_process.last_timestep + 1
    skipped = [i * count / steps for i in range(steps)]
    if steps <= count:
        skipped = [i * count // steps for i in range(steps)]
    return [noise_process.sigma(count - 1 - skip) for skip in skipped] + [0.0]


def ddim(noise_process: NoiseProcess, steps: int) -> Sigmas:
    """Timesteps 1, 1 + s, 1 + 2s, … below T, falling, s being T / ``steps`` rounded down, then 0.

    Not always ``steps`` of them: 30 gives 31 of 1000. Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    count = noise_process.last_timestep + 1
    stride = max(count // steps, 1)
    return [noise_process.sigmas[t] for t in reversed(range(1, count, stride))] + [0.0]
