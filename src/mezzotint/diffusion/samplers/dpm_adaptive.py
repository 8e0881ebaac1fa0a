"""DPM-Solver-23 with steps as wide as its own error estimate allows (Lu et al. 2022, arXiv:2206.00927)."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Annotated

import torch

from mezzotint.diffusion.samplers.dpm_solver import (
    ends,
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

_SAFETY = 0.81  # a step is accepted unless the next one would have to be narrower than this share of it
_NEAR = 1e-5  # in log sigma: there


def dpm_adaptive(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    *,
    rtol: Annotated[float, Limits(1e-4, 1)] = 0.05,
    atol: Annotated[float, Limits(1e-5, 1)] = 0.0078,
    h_init: Annotated[float, Limits(0.001, 10)] = 0.05,
    eta: Annotated[float, Limits(0, 1)] = 1.0,
) -> Iterator[Step]:
    """From the first level to the last above 0, three model calls for each step tried, one `Step` for each accepted.

    How many those are depends on the picture, not on the length of ``sigmas``. A step is narrowed until second and
    third order differ by less than ``rtol`` of the state, or ``atol``; that is judged over the whole batch, whose
    pictures therefore depend on each other. ``h_init`` is the first step's width in log sigma, ``eta`` the share of
    fresh noise.
    """
    sigma, sigma_end = ends(sigmas)
    look = partial(slope_at, denoise)
    if sigma == sigma_end:
        yield to_picture(look(x, sigma))
        return
    h, order = h_init, 1.5 if eta > 0 else 3.0
    x_before = x
    while math.log(sigma / sigma_end) > _NEAR:
        sigma_next = max(sigma_end, sigma * math.exp(-h))
        down, up = split_above(sigma, sigma_next, sigma_end, eta)
        start = look(x, sigma)
        third = part_way(look, start, down, 1 / 3)
        lower = second_order(start, third, down)
        higher = third_order(look, start, third, down)
        error = _error(lower, higher, x_before, rtol=rtol, atol=atol)
        if math.isnan(error):  # no width would mend that: be done with it
            sigma_next, factor = sigma_end, 1.0
        else:
            factor = 1 + math.atan((1 / (error + 1e-8)) ** (1 / order) - 1)
        h *= factor
        if factor < _SAFETY:
            continue
        x_before, x = lower, higher
        if eta > 0:
            x = x + noise(sigma, sigma_next) * up
        sigma = sigma_next
        yield Step(x=x, x0=start.x0, sigma=sigma)


def _error(lower: Latents, higher: Latents, x_before: Latents, *, rtol: float, atol: float) -> float:
    """Root mean square of the difference, in units of what is tolerated, over every value of every picture."""
    tolerated = (torch.maximum(lower.abs(), x_before.abs()) * rtol).clamp(min=atol)
    return float(((lower - higher) / tolerated).square().mean().sqrt())


DPM_ADAPTIVE = Sampler(
    name="DPM adaptive",
    run=dpm_adaptive,
    order=3,
    own_levels=True,
    uses_eta=True,
    uses_ensd=True,
    couples_pictures=True,
)
