"""Names for tensor shapes. Axes: b batch, c channels, h height, w width, t tokens or time, d features."""

from typing import TypeAlias

from jaxtyping import Float, Int
from torch import Tensor

Latents: TypeAlias = Float[Tensor, "b c h w"]
"""A picture as the network sees it, in cells of ``cell_px`` pixels."""

Context: TypeAlias = Float[Tensor, "b t d"]
"""Encoded text: one vector of width d per token."""

Vector: TypeAlias = Float[Tensor, "b d"]
"""One vector per picture: pooled text, sizes, a class."""

Pixels: TypeAlias = Float[Tensor, "b 3 h w"]
"""RGB, -1..1."""

Mask: TypeAlias = Float[Tensor, "b 1 h w"]
"""0 keeps, 1 changes."""

TokenIds: TypeAlias = Int[Tensor, "b t"]
"""Indices into a tokenizer's vocabulary."""
