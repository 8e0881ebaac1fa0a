"""Working through a picture in overlapping tiles whose joins do not show."""

from collections.abc import Callable
from itertools import product

import torch
from jaxtyping import Float
from torch import Tensor

from mezzotint.errors import require

Features = Float[Tensor, "b c h w"]
Changed = Float[Tensor, "b c2 h2 w2"]


def spans(length: int, tile: int, overlap: int) -> list[tuple[int, int]]:
    """Start and end of as few tiles as cover ``length`` with at least ``overlap`` in common, evenly spaced.

    One shorter tile if ``length`` does not exceed ``tile``. Raises RequestError unless 0 <= overlap < tile.
    """
    require(0 <= overlap < tile, f"tiles of {tile} cannot overlap by {overlap}")
    if length <= tile:
        return [(0, length)]
    count = -(-(length - overlap) // (tile - overlap))
    starts = [(length - tile) * i // (count - 1) for i in range(count)]
    return [(start, start + tile) for start in starts]


def grid(width: int, height: int, tile: int, overlap: int) -> list[tuple[int, int, int, int]]:
    """(left, top, right, bottom) of the tiles of a picture in reading order."""
    return [
        (left, top, right, bottom)
        for (top, bottom), (left, right) in product(spans(height, tile, overlap), spans(width, tile, overlap))
    ]


def tiled(
    x: Features,
    apply: Callable[[Tensor], Tensor],
    *,
    tile: int,
    overlap: int,
    unit: int = 1,
    after_tile: Callable[[], object] = lambda: None,
) -> Changed:
    """``apply(x)``, computed tile by tile and joined; ``apply`` changes height and width by one fixed factor.

    ``tile`` and ``overlap`` count ``unit`` values, the smallest piece that ``apply`` takes (8 pixels where they become
    one latent). Where tiles meet, the outer quarter of their overlap is dropped and the rest mixed: a network that
    sees no further than that quarter gives the same as without tiles. A single tile is ``apply(x)`` itself.
    ``after_tile`` is called after each, and stops the work by raising.
    """
    rows, columns = (spans(side // unit, tile, overlap) for side in x.shape[-2:])
    if len(rows) == len(columns) == 1:
        whole = apply(x)
        after_tile()
        return whole
    joined: Tensor | None = None
    dtype = x.dtype
    for (i, (top, bottom)), (j, (left, right)) in product(enumerate(rows), enumerate(columns)):
        part = apply(x[..., top * unit : bottom * unit, left * unit : right * unit])
        cell = part.shape[-2] // (bottom - top)  # values of the result for one unit
        if joined is None:
            sides = rows[-1][1] * cell, columns[-1][1] * cell
            joined = torch.zeros(*part.shape[:2], *sides, device=part.device)
        weights = _weights(rows, i, cell)[:, None] * _weights(columns, j, cell)
        joined[..., top * cell : bottom * cell, left * cell : right * cell] += part * weights.to(part.device)
        dtype = part.dtype
        after_tile()
    assert joined is not None  # there is at least one tile
    return joined.to(dtype)


def _weights(spans: list[tuple[int, int]], index: int, cell: int) -> Tensor:
    """What each value of tile ``index`` counts along one axis; over all tiles these sum to 1 everywhere."""
    start, end = spans[index]
    places = torch.arange(start * cell, end * cell) + 0.5
    weights = torch.ones_like(places)
    for later in range(max(index, 1), len(spans)):
        share = _ramp(places, spans[later][0] * cell, spans[later - 1][1] * cell)
        weights = weights * (share if later == index else 1 - share)
    return weights


def _ramp(places: Tensor, start: float, end: float) -> Tensor:
    """From 0 to 1 over the middle half of the overlap: from where a tile starts to where the one before ends."""
    width = max((end - start) / 2, 0.5)
    return ((places - (start + end) / 2) / width + 0.5).clamp(0, 1)
