"""What a network is told about the picture it shall see."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mezzotint.errors import require
from mezzotint.shapes import Context


@dataclass(frozen=True, eq=False)
class Conditioning:
    """Encoded text, and what some families are told besides. One row of each serves every picture of a batch.

    ``vector`` holds pooled text and sizes, ``labels`` a class or a noise level by number. ``concat`` are further input
    channels beside the noisy latents and of their size: mask and masked picture, the picture to edit, a depth map.
    """

    context: Context
    vector: Float[Tensor, "rows v"] | None = None  # not `Vector`: its width is another than the context's
    concat: Float[Tensor, "pictures c h w"] | None = None
    labels: Int[Tensor, " classes"] | None = None

    def rows(self, count: int) -> "Conditioning":
        """The same for ``count`` pictures. Raises RequestError if it holds another number of rows than 1 or that."""
        return replace(self, **{name: _rows(tensor, count) for name, tensor in _given(self).items()})

    def fits(self, other: "Conditioning") -> bool:
        """Whether the two could share a batch: equal but for the number of rows."""
        return _row_shapes(self) == _row_shapes(other)


def stack(*conditionings: Conditioning) -> Conditioning:
    """The rows of all in order. They must fit, and have as many rows of everything as pictures."""
    given = [_given(conditioning) for conditioning in conditionings]
    together = {name: torch.cat([tensors[name] for tensors in given]) for name in given[0]}
    return replace(conditionings[0], **together)


def _given(conditioning: Conditioning) -> dict[str, Tensor]:
    everything = {
        "context": conditioning.context,
        "vector": conditioning.vector,
        "concat": conditioning.concat,
        "labels": conditioning.labels,
    }
    return {name: tensor for name, tensor in everything.items() if tensor is not None}


def _row_shapes(conditioning: Conditioning) -> dict[str, torch.Size]:
    return {name: tensor.shape[1:] for name, tensor in _given(conditioning).items()}


def _rows(tensor: Tensor, count: int) -> Tensor:
    require(len(tensor) in (1, count), f"conditioning has {len(tensor)} rows for {count} pictures")
    return tensor.expand(count, *tensor.shape[1:])
