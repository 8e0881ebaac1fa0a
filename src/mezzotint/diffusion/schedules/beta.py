"""Noise levels at even quantiles of a Beta distribution (Lee et al. 2024, arXiv:2407.12173), in sigma."""

from typing import Annotated, TypeAlias

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.diffusion.schedules.ends import End, ends
from mezzotint.diffusion.schedules.quantiles import beta_quantile
from mezzotint.errors import require
from mezzotint.registry import Limits

_Shape: TypeAlias = Annotated[float, Limits(0.01, 5)]


def beta(
    noise_process: NoiseProcess,
    steps: int,
    *,
    sigma_min: End = 0.0,
    sigma_max: End = 0.0,
    alpha: _Shape = 0.6,
    beta: _Shape = 0.6,
) -> Sigmas:
    """Levels that crowd towards both ends, then 0.

    Below 1, ``alpha`` crowds them near the picture and ``beta`` near the noise. Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    high, low = ends(noise_process, sigma_min, sigma_max)
    shares = [beta_quantile(1 - i / max(steps - 1, 1), alpha, beta) for i in range(steps)]
    return [low + share * (high - low) for share in shares] + [0.0]
