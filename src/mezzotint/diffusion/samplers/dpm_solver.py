"""DPM-Solver's single steps of first to third order (Lu et al. 2022, arXiv:2206.00927, algorithms 1 and 2)."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from mezzotint.diffusion.sampling import Denoise, Sigmas, Step, ancestral_split
from mezzotint.shapes import Latents


@dataclass(frozen=True, eq=False)
class Slope:
    """The noise in ``x`` at level ``sigma``, and the picture ``x0`` without it."""

    x: Latents
    x0: Latents
    sigma: float
    noise: Latents


def slope_at(denoise: Denoise, x: Latents, sigma: float) -> Slope:
    """One look at the model."""
    x0 = denoise(x, sigma).x0
    return Slope(x, x0, sigma, (x - x0) / sigma)


def first_order(start: Slope, sigma_next: float) -> Latents:
    """DPM-Solver-1, which is Euler's step."""
    return start.x + start.noise * (sigma_next - start.sigma)


def second_order(start: Slope, within: Slope, sigma_next: float) -> Latents:
    """DPM-Solver-2 with a look ``within`` the step, anywhere in it."""
    share = _h(start.sigma, within.sigma) / _h(start.sigma, sigma_next)
    moved = sigma_next - start.sigma
    return start.x + start.noise * moved + (within.noise - start.noise) * (moved / (2 * share))


def third_order(look: Callable[[Latents, float], Slope], start: Slope, third: Slope, sigma_next: float) -> Latents:
    """DPM-Solver-3 with looks at the start, a ``third`` and two thirds of the step in log sigma; it takes the last."""
    h = _h(start.sigma, sigma_next)
    sigma_2 = start.sigma * math.exp(-2 / 3 * h)
    aim = start.x + start.noise * (sigma_2 - start.sigma)
    aim = aim - (third.noise - start.noise) * (2 * sigma_2 * _curved(2 / 3 * h))
    two_thirds = look(aim, sigma_2)
    bend = (two_thirds.noise - start.noise) * (sigma_next * 3 / 2 * _curved(h))
    return start.x + start.noise * (sigma_next - start.sigma) - bend


def part_way(look: Callable[[Latents, float], Slope], start: Slope, sigma_next: float, share: float) -> Slope:
    """The look after a ``share`` of the step in log sigma."""
    sigma = start.sigma * math.exp(-share * _h(start.sigma, sigma_next))
    return look(first_order(start, sigma), sigma)


def split_above(sigma: float, sigma_next: float, sigma_end: float, eta: float) -> tuple[float, float]:
    """`ancestral_split` that does not aim below ``sigma_end``, where the run is to end."""
    down, _ = ancestral_split(sigma, sigma_next, eta)
    down = max(down, sigma_end)
    return down, math.sqrt(max(sigma_next**2 - down**2, 0.0))


def to_picture(look: Slope) -> Step:
    """The step to 0, for a run that has no other level to go to."""
    return Step(x=look.x0, x0=look.x0, sigma=0.0)


def ends(sigmas: Sigmas) -> tuple[float, float]:
    """The first level and the last one above 0."""
    return sigmas[0], sigmas[-1] or sigmas[-2]


def _h(sigma: float, sigma_next: float) -> float:
    return math.log(sigma / sigma_next)


def _curved(h: float) -> float:
    return math.expm1(h) / h - 1
