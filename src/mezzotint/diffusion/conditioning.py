"""What a network is told about the picture it shall see."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mezzotint.errors import require
from mezzotint.shapes import Context


@dataclass(frozen=True, eq=False)
class Conditioning:
    """Encoded text, and for families that have one, a vector per picture. One row serves every picture of a batch."""

    context: Context
    vector: Float[Tensor, "b v"] | None = None  # not `Vector`: its width is another than the context's

    def rows(self, count: int) -> "Conditioning":
        """The same for ``count`` pictures. Raises RequestError if it holds another number of rows than 1 or that."""
        vector = None if self.vector is None else _rows(self.vector, count)
        return Conditioning(context=_rows(self.context, count), vector=vector)

    def fits(self, other: "Conditioning") -> bool:
        """Whether the two could share a batch: equal but for the number of rows."""
        return self.context.shape[1:] == other.context.shape[1:] and (self.vector is None) == (other.vector is None)


def stack(first: Conditioning, second: Conditioning) -> Conditioning:
    """The rows of ``first``, then those of ``second``, which must fit."""
    vectors = [cond.vector for cond in (first, second) if cond.vector is not None]
    return Conditioning(
        context=torch.cat([first.context, second.context]), vector=torch.cat(vectors) if vectors else None
    )


def _rows(tensor: Tensor, count: int) -> Tensor:
    require(len(tensor) in (1, count), f"conditioning has {len(tensor)} rows for {count} pictures")
    return tensor.expand(count, *tensor.shape[1:])
