"""Restart sampling: Heun's steps that go back up to a noisy level and down again (Xu et al. 2023, arXiv:2306.14878)."""

import math
from collections.abc import Iterator
from itertools import pairwise

from mezzotint.diffusion.samplers.heun import heun_step
from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step
from mezzotint.diffusion.schedules.karras import karras_levels
from mezzotint.shapes import Latents

_FEWEST_STEPS = 20  # with which it pays to spend some on a restart
_FROM, _TO = 0.1, 2.0  # the levels between which it restarts


def restart(denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise) -> Iterator[Step]:
    """Heun's steps over ``sigmas`` if there are fewer than 20.

    Otherwise over levels of its own with the same ends and the same number of steps in all, nine or more of which are
    spent on going once or twice from level 2 to 0.1 again, after noise has been added. Ends at 0.
    """
    reached = sigmas[0]
    for sigma, sigma_next in _with_restarts(sigmas):
        if sigma > reached:
            x = x + noise(reached, sigma) * math.sqrt(sigma**2 - reached**2)
        yield (step := heun_step(denoise, x, sigma, sigma_next))
        x, reached = step.x, sigma_next


def _with_restarts(sigmas: Sigmas) -> list[tuple[float, float]]:
    """The steps to take, each as its two levels."""
    steps = len(sigmas) - 1
    if steps < _FEWEST_STEPS:
        return list(pairwise(sigmas))
    times, again = (2, steps // 4) if steps >= 36 else (1, 9)
    sigmas = [*karras_levels(sigmas[0], sigmas[-2], steps - times * again), 0.0]
    low, high = _nearest(sigmas, _FROM), _nearest(sigmas, _TO)
    back: list[tuple[float, float]] = []
    if high < low:
        back = list(pairwise(karras_levels(sigmas[high], sigmas[low], again + 1))) * times
    taken = list(pairwise(sigmas))
    return [*taken[:low], *back, *taken[low:]]


def _nearest(sigmas: Sigmas, level: float) -> int:
    return min(range(len(sigmas)), key=lambda index: abs(sigmas[index] - level))


RESTART = Sampler(name="Restart", run=restart, schedule="Karras", order=2, second_order=True)
