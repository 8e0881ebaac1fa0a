"""How far two implementations may differ, and inputs to compare them on."""

import torch
from torch import Tensor

NETWORK = 2e-4
"""Of the largest value: float32 sums in another order through up to 60 layers."""


def difference(ours: Tensor, theirs: Tensor) -> float:
    """The largest deviation as a share of the largest value."""
    assert ours.shape == theirs.shape
    assert bool(torch.isfinite(theirs).all())
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


def randn(*shape: int) -> Tensor:
    """Noise that follows from its shape."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))
