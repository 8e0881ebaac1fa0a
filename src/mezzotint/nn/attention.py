"""Attention with the seam that patches use: every softmax happens in the submodule `attend` (Vaswani et al. 2017)."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class Attend(nn.Module):
    """softmax(q·kᵀ/√width)·v over (batch, heads, tokens, width); without parameters, so that a patch can hook it."""

    def __init__(self, *, causal: bool = False) -> None:
        super().__init__()
        self.causal = causal

    def forward(
        self,
        q: Float[Tensor, "b heads n width"],
        k: Float[Tensor, "b heads m width"],
        v: Float[Tensor, "b heads m width"],
    ) -> Float[Tensor, "b heads n width"]:
        return F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
