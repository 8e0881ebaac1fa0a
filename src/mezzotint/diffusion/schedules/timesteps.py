"""The grids of samplers that count in timesteps (DDIM and its kin, UniPC). Not schedules one can choose."""

import math
from typing import Literal, TypeAlias

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.errors import require

Skip: TypeAlias = Literal["time_uniform", "time_quadratic", "logSNR"]


def even_timesteps(noise_process: NoiseProcess, steps: int) -> Sigmas:
    """Falling noise levels at multiples of floor(T / ``steps``), each plus 1; T is 1000 for most models.

    No final 0, and not always ``steps`` levels: 3 gives 4, 30 gives 31. Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    count = noise_process.last_timestep + 1
    stride = max(count // steps, 1)
    rising = sorted({min(t + 1, noise_process.last_timestep) for t in range(0, count, stride)})
    return [noise_process.sigmas[t] for t in reversed(rising)]


def continuous_timesteps(
    noise_process: NoiseProcess, sigma: float, steps: int, *, skip: Skip = "time_uniform"
) -> Sigmas:
    """``steps`` + 1 levels from ``sigma`` to that of timestep 0, at fractional timesteps (no final 0).

    ``skip``: evenly spaced in time, which is (timestep + 1) / T, in its square root, or in log sigma.
    """
    first, last = noise_process.timestep(sigma) + 1, 1.0
    ramp = [i / steps for i in range(steps + 1)]
    if skip == "logSNR":
        return [sigma * (noise_process.sigma_min / sigma) ** share for share in ramp]
    power = 2 if skip == "time_quadratic" else 1
    times = [(first ** (1 / power) * (1 - share) + last ** (1 / power) * share) ** power for share in ramp]
    return [_sigma_by_signal(noise_process, time - 1) for time in times]


def _sigma_by_signal(noise_process: NoiseProcess, timestep: float) -> float:
    """Level of a timestep, between whole ones linear in the logarithm of the signal's share, as UniPC has it."""
    t = min(max(timestep, 0.0), float(noise_process.last_timestep))
    below = min(int(t), noise_process.last_timestep - 1)
    low, high = (math.log1p(noise_process.sigmas[i] ** 2) for i in (below, below + 1))
    return math.sqrt(math.expm1(low + (t - below) * (high - low)))
