"""Linear multistep: Adams and Bashforth's method in sigma, for steps of any width (K. Crowson's k-diffusion, 2022)."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step
from mezzotint.registry import Limits
from mezzotint.shapes import Latents


def lms(
    denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise, *, order: Annotated[int, Limits(1, 4)] = 4
) -> Iterator[Step]:
    """Along the polynomial through the last ``order`` slopes. Draws no noise.

    A step to 0 follows the polynomial too, so that it does not quite land on the prediction.
    """
    slopes: list[Latents] = []  # the latest first
    for number, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma).x0
        slopes = [(x - x0) / sigma, *slopes][:order]
        levels = [sigmas[number - back] for back in range(len(slopes))]
        for weight, slope in zip(_weights(levels, sigma_next), slopes, strict=True):
            x = x + slope * weight
        yield Step(x=x, x0=x0, sigma=sigma_next)


def _weights(levels: list[float], sigma_next: float) -> list[float]:
    """For each of up to four levels, the integral of its Lagrange polynomial from the first of them to the next.

    Two points of Gauss and Legendre integrate the cubic exactly.
    """
    half, middle = (sigma_next - levels[0]) / 2, (sigma_next + levels[0]) / 2
    points = [middle + sign * half / math.sqrt(3) for sign in (-1, 1)]

    def polynomial(level: float, point: float) -> float:
        return math.prod((point - other) / (level - other) for other in levels if other != level)

    return [half * sum(polynomial(level, point) for point in points) for level in levels]


LMS = Sampler(name="LMS", run=lms, order=4)
