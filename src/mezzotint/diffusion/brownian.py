"""One Brownian path per picture, so that steps of any size between two levels share their noise.

The path is refined by halving intervals (a virtual Brownian tree, Gaines & Lyons 1997; Li et al. 2020,
arXiv:2001.01328), each midpoint drawn from a seed that its place in the tree determines. Seeds and arithmetic are those
of torchsde's ``BrownianTree``, so that the stochastic samplers make the pictures that people know.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from mezzotint.diffusion.noise import Draw, PictureNoise
from mezzotint.diffusion.sampling import Noise
from mezzotint.errors import require
from mezzotint.shapes import Latents

_DIGITS = 6  # places that split points and queries are rounded to; also what ends the halving
_POOL_WORDS = 24  # of the seed sequence
_REMEMBERED = 64  # halved intervals: two paths from the root to the finest, which the next query mostly shares


def brownian_noise(
    seeds: Sequence[int],
    shape: tuple[int, int, int],
    span: tuple[float, float],
    *,
    source: Callable[[Sequence[int]], Draw] = PictureNoise,
) -> Noise:
    """Noise for stochastic samplers: the path's change between two levels, brought to unit variance.

    ``shape`` is (channels, height, width); ``span`` the smallest level above 0 and the largest of the whole schedule,
    also when only part of it is walked (`Start.span`). ``source`` makes generators from seeds: every interval's draw
    is the first one under its own seed. Levels outside the span are moved to its ends.
    """
    tree = BrownianTree(seeds, shape, span, source=source)

    def noise(sigma: float, sigma_next: float) -> Latents:
        sign = -1.0 if sigma > sigma_next else 1.0
        change = tree.change(min(sigma, sigma_next), max(sigma, sigma_next))
        return change * sign / math.sqrt(abs(sigma_next - sigma))

    return noise


@dataclass(frozen=True)
class _Interval:
    """A node of the tree: number ``key`` from the left at its depth."""

    start: float
    end: float
    key: int = 0
    depth: int = 0

    def halves(self) -> "tuple[_Interval, _Interval]":
        middle = round(0.5 * (self.end + self.start), _DIGITS)
        return (
            _Interval(self.start, middle, 2 * self.key, self.depth + 1),
            _Interval(middle, self.end, 2 * self.key + 1, self.depth + 1),
        )


class BrownianTree:
    """Brownian motion over a span, one path per seed, a function of seed, span and place alone."""

    def __init__(
        self,
        seeds: Sequence[int],
        shape: tuple[int, int, int],
        span: tuple[float, float],
        *,
        source: Callable[[Sequence[int]], Draw] = PictureNoise,
    ) -> None:
        """Seeds may be any integers; they count modulo 2^64. Raises RequestError if the span is upside down."""
        low, high = span
        require(low <= high, f"a span must rise, got {low:g} to {high:g}")
        self._seeds = tuple(seed % 2**64 for seed in seeds)
        self._shape = shape
        self._source = source
        self._root = _Interval(round(low, _DIGITS), round(high, _DIGITS))
        self._whole = self._draw(()) * math.sqrt(high - low)
        self._known: OrderedDict[_Interval, tuple[Latents, Latents]] = OrderedDict()

    def change(self, low: float, high: float) -> Latents:
        """How far each path moves from ``low`` to ``high``, both clamped to the span; variance ``high - low``."""
        low, high = (round(min(max(t, self._root.start), self._root.end), _DIGITS) for t in (low, high))
        if low >= high:  # nearer together than the tree resolves
            return torch.zeros_like(self._whole)
        pieces = self._pieces(self._root, self._whole, low, high)
        total = next(pieces)
        for piece in pieces:
            total = total + piece
        return total

    def _pieces(self, interval: _Interval, value: Latents, low: float, high: float) -> Iterator[Latents]:
        """Changes over the intervals of the tree that make up ``low`` to ``high``, from left to right."""
        if low == interval.start and high == interval.end:
            yield value
            return
        left, right = interval.halves()
        of_left, of_right = self._bridge(interval, value, left.end)
        if low < left.end:
            yield from self._pieces(left, of_left, low, min(high, left.end))
        if high > right.start:
            yield from self._pieces(right, of_right, max(low, right.start), high)

    def _bridge(self, interval: _Interval, value: Latents, middle: float) -> tuple[Latents, Latents]:
        """The changes over both halves, given that over the whole: a Brownian bridge."""
        if interval in self._known:
            self._known.move_to_end(interval)
            return self._known[interval]
        before, after = middle - interval.start, interval.end - middle
        per_width = 1 / (interval.end - interval.start)
        left = before * value * per_width
        left = left + math.sqrt(before * after * per_width) * self._draw((interval.key, interval.depth))
        self._known[interval] = left, value - left
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self._known[interval]

    def _draw(self, place: tuple[int, ...]) -> Latents:
        """Unit normals for a place in the tree, the root's own change at ``()``."""
        sequences = (np.random.SeedSequence(s, spawn_key=place, pool_size=_POOL_WORDS) for s in self._seeds)
        return self._source([int(sequence.generate_state(1)[0]) for sequence in sequences])(self._shape)
