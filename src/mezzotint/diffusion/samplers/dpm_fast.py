"""DPM-Solver-fast: third-order steps on a grid of its own, even in log sigma (Lu et al. 2022, arXiv:2206.00927)."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Annotated

from mezzotint.diffusion.samplers.churn import NoiseScale
from mezzotint.diffusion.samplers.dpm_solver import (
    ends,
    first_order,
    part_way,
    second_order,
    slope_at,
    split_above,
    third_order,
    to_picture,
)
from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step
from mezzotint.registry import Limits
from mezzotint.shapes import Latents


def dpm_fast(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    *,
    eta: Annotated[float, Limits(0, 1)] = 1.0,
    s_noise: NoiseScale = 1.0,
) -> Iterator[Step]:
    """As many model calls as ``sigmas`` has steps, three to a step while they last.

    Goes from the first of the levels to the last one above 0, and ends there; to the picture if they are the same.
    ``eta`` is the share of fresh noise, ``s_noise`` scales it.
    """
    sigma_max, sigma_min = ends(sigmas)
    look = partial(slope_at, denoise)
    if sigma_max == sigma_min:
        yield to_picture(look(x, sigma_max))
        return
    orders = _orders(len(sigmas) - 1)
    ratio = sigma_min / sigma_max
    levels = [sigma_max * ratio ** (i / len(orders)) for i in range(len(orders))] + [sigma_min]
    for order, (sigma, sigma_next) in zip(orders, pairwise(levels), strict=True):
        down, up = split_above(sigma, sigma_next, sigma_min, eta)
        start = look(x, sigma)
        if order == 1:
            x = first_order(start, down)
        elif order == 2:
            x = second_order(start, part_way(look, start, down, 1 / 2), down)
        else:
            x = third_order(look, start, part_way(look, start, down, 1 / 3), down)
        if eta > 0:
            x = x + noise(sigma, sigma_next) * (s_noise * up)
        yield Step(x=x, x0=start.x0, sigma=sigma_next)


def _orders(calls: int) -> list[int]:
    """How many looks each step takes, ``calls`` in all (the paper's section 3.4)."""
    if calls % 3 == 0:
        return [3] * (calls // 3 - 1) + [2, 1]
    return [3] * (calls // 3) + [calls % 3]


DPM_FAST = Sampler(name="DPM fast", run=dpm_fast, order=2, own_levels=True, uses_eta=True, uses_ensd=True)
