"""Where guidance may rest: rules by which the negative prompt is skipped, and intervals of noise levels."""

from collections.abc import Callable
from typing import TypeAlias

from mezzotint.diffusion.timelines import SigmaTimeline, Span
from mezzotint.errors import require

SkipRule: TypeAlias = Callable[[int, float], bool]
"""``(call, sigma)``: whether the negative prompt is skipped in this call, counted from 0."""


def near_the_end(minimum_sigma: float, *, every_call: bool = False) -> SkipRule:
    """Below ``minimum_sigma``: in every second call, from the second on, or in ``every_call`` ("NGMS")."""
    return lambda call, sigma: sigma < minimum_sigma and (every_call or call % 2 == 1)


def at_the_start(share: float, total_calls: int) -> SkipRule:
    """In the first ``share`` (0..1) of all calls ("Skip Early CFG"). A share of 0 is none, any other at least one.

    Raises RequestError if ``total_calls`` < 1.
    """
    require(total_calls >= 1, f"a run has at least 1 call, got {total_calls}")
    return lambda call, sigma: share > 0 and call / total_calls <= share


def guided_within(low: float, high: float, scale: float) -> SigmaTimeline[float]:
    """``scale`` at noise levels above ``low`` up to ``high``, 1 outside (Kynkäänniemi et al. 2024, arXiv:2404.07724).

    Guidance does harm under large noise, and is needless under small.
    """
    return SigmaTimeline((Span(low, high, scale),), otherwise=1.0)
