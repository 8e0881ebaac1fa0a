"""The refiner: a second model that takes over near the end (Podell et al. 2023, arXiv:2307.01952)."""

from bisect import bisect_left
from collections.abc import Callable
from itertools import count
from typing import TypeAlias

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Denoise, Denoised
from mezzotint.errors import require
from mezzotint.shapes import Latents

SwitchRule: TypeAlias = Callable[[int, float], bool]
"""``(call, sigma)``: whether it is time, asked before each call; calls count from 0."""


def switch_denoise(base: Denoise, refiner: Callable[[int], Denoise], when: SwitchRule) -> Denoise:
    """``base`` until it is time, and from then on what ``refiner`` returns, asked once, whatever the noise does.

    ``refiner`` is given the number of calls made, the ``first_call`` of its `guide`. What it loads is loaded then.
    """
    calls = count()
    second: Denoise | None = None

    def denoise(x: Latents, sigma: float) -> Denoised:
        nonlocal second
        call = next(calls)
        if second is None and when(call, sigma):
            second = refiner(call)
        return (second or base)(x, sigma)

    return denoise


def after_timesteps(noise_process: NoiseProcess, share: float, *, timestep_space: bool = False) -> SwitchRule:
    """Once ``share`` (0..1) of the model's timesteps are done. It is told by noise level, however many steps are taken.

    The timestep is the one with the nearest noise level; for samplers in ``timestep_space`` it is their own, its
    fraction cut off.
    """
    levels = noise_process.sigmas
    last = len(levels) - 1

    def timestep(sigma: float) -> int:
        if timestep_space:
            return int(noise_process.timestep(sigma))
        above = min(bisect_left(levels, sigma), last)
        below = max(above - 1, 0)
        return below if sigma - levels[below] <= levels[above] - sigma else above

    return lambda call, sigma: (last - timestep(sigma)) / len(levels) >= share


def after_calls(total_calls: int, share: float) -> SwitchRule:
    """Once ``share`` (0..1) of all calls are done ("Refiner switch by sampling steps").

    Raises RequestError if ``total_calls`` < 1.
    """
    require(total_calls >= 1, f"a run has at least 1 call, got {total_calls}")
    return lambda call, sigma: call / total_calls >= share
