"""Transformers over the positions of a picture, with cross-attention to a context (Rombach et al. 2022, §3.3)."""

import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from mezzotint.nn.attention import Attend
from mezzotint.shapes import Context, Latents


class SpatialTransformer(nn.Module):
    """Pixels as tokens: self-attention, cross-attention to the context, feed-forward; added to the input."""

    def __init__(
        self,
        channels: int,
        heads: int,
        depth: int,
        context: int,
        *,
        linear: bool = False,
        context_only: bool = False,
    ) -> None:
        super().__init__()
        self.linear = linear
        self.norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.proj_in = nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(channels, heads, context, context_only=context_only) for _ in range(depth)
        )
        self.proj_out = nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1)

    def forward(self, x: Latents, context: Context) -> Latents:
        height = x.shape[-2]
        h = self.norm(x)
        if self.linear:
            h = self.proj_in(rearrange(h, "b c h w -> b (h w) c"))
        else:
            h = rearrange(self.proj_in(h), "b c h w -> b (h w) c")
        for block in self.transformer_blocks:
            h = block(h, context)
        if self.linear:
            return x + rearrange(self.proj_out(h), "b (h w) c -> b c h w", h=height)
        return x + self.proj_out(rearrange(h, "b (h w) c -> b c h w", h=height))


class TransformerBlock(nn.Module):
    def __init__(self, width: int, heads: int, context: int, *, context_only: bool = False) -> None:
        super().__init__()
        self.context_only = context_only
        self.attn1 = CrossAttention(width, heads, context if context_only else width)
        self.ff = FeedForward(width)
        self.attn2 = CrossAttention(width, heads, context)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(self, h: Context, context: Float[Tensor, "b m e"]) -> Context:
        n = self.norm1(h)
        h = h + self.attn1(n, context if self.context_only else n)
        h = h + self.attn2(self.norm2(h), context)
        return h + self.ff(self.norm3(h))


class CrossAttention(nn.Module):
    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context, width, bias=False)
        self.to_v = nn.Linear(context, width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(width, width), nn.Identity())
        self.attend = Attend()

    def forward(self, h: Context, context: Float[Tensor, "b m e"]) -> Context:
        q, k, v = (
            rearrange(projected, "b n (heads width) -> b heads n width", heads=self.heads)
            for projected in (self.to_q(h), self.to_k(context), self.to_v(context))
        )
        return self.to_out(rearrange(self.attend(q, k, v), "b heads n width -> b n (heads width)"))


class FeedForward(nn.Module):
    """Gated GELU (Shazeer 2020, arXiv:2002.05202), four times as wide inside."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(GEGLU(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width))

    def forward(self, h: Context) -> Context:
        return self.net(h)


class GEGLU(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, h: Context) -> Float[Tensor, "b t inner"]:
        value, gate = self.proj(h).chunk(2, dim=-1)
        return value * F.gelu(gate)
