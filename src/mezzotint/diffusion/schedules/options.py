"""Schedules changed by settings: other ends, another curve, one level left out."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Schedule, Sigmas
from mezzotint.registry import options

P = ParamSpec("P")


def with_options(schedule: Callable[P, Sigmas], **given: float | str) -> Callable[P, Sigmas]:
    """The schedule, or a sampler's own grid, with those of the ``given`` options that it takes.

    0 leaves an option at its default.
    """
    taken = {name: value for name, value in given.items() if value != 0 and name in options(schedule)}
    return partial(schedule, **taken) if taken else schedule


def without_penultimate(schedule: Schedule) -> Schedule:
    """The schedule of one step more, without the level before its last, which is the lowest above 0."""

    def shortened(noise_process: NoiseProcess, steps: int) -> Sigmas:
        sigmas = schedule(noise_process, steps + 1)
        return [*sigmas[:-2], sigmas[-1]]

    return shortened
