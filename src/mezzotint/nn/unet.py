"""The denoising U-Net with cross-attention of latent diffusion (Rombach et al. 2022, arXiv:2112.10752).

Modules carry the names of the original code, so a released file loads by stripping `model.diffusion_model.`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from mezzotint.nn.attention import Attend
from mezzotint.nn.resize import doubled
from mezzotint.shapes import Context, Latents


@dataclass(frozen=True)
class UNetConfig:
    """Sizes of a U-Net; the defaults are Stable Diffusion 1.

    ``channels`` and ``depths`` (transformer blocks per residual block) are given per level, finest first.
    ``heads`` counts attention heads unless ``head_width`` fixes their width instead.
    """

    in_channels: int = 4
    out_channels: int = 4
    channels: tuple[int, ...] = (320, 640, 1280, 1280)
    blocks: int = 2
    depths: tuple[int, ...] = (1, 1, 1, 0)
    middle_depth: int = 1
    heads: int = 8
    head_width: int | None = None
    context: int = 768

    def heads_at(self, width: int) -> int:
        return self.heads if self.head_width is None else width // self.head_width


class UNet(nn.Module):
    """What the network makes of noisy latents at a timestep under a context: noise or velocity, as it was trained."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        first, time_width = config.channels[0], 4 * config.channels[0]
        self.time_embed = nn.Sequential(nn.Linear(first, time_width), nn.SiLU(), nn.Linear(time_width, time_width))

        self.input_blocks = nn.ModuleList([Stage(nn.Conv2d(config.in_channels, first, 3, padding=1))])
        width, skips = first, [first]
        last = len(config.channels) - 1
        for level, (channels, depth) in enumerate(zip(config.channels, config.depths, strict=True)):
            for _ in range(config.blocks):
                self.input_blocks.append(
                    Stage(ResBlock(width, channels, time_width), *_transformer(config, channels, depth))
                )
                width = channels
                skips.append(width)
            if level < last:
                self.input_blocks.append(Stage(Downsample(width)))
                skips.append(width)

        self.middle_block = Stage(
            ResBlock(width, width, time_width),
            *_transformer(config, width, config.middle_depth),
            ResBlock(width, width, time_width),
        )

        self.output_blocks = nn.ModuleList()
        for level in reversed(range(len(config.channels))):
            channels = config.channels[level]
            for block in range(config.blocks + 1):
                parts: list[nn.Module] = [ResBlock(width + skips.pop(), channels, time_width)]
                parts += _transformer(config, channels, config.depths[level])
                if level > 0 and block == config.blocks:
                    parts.append(Upsample(channels))
                self.output_blocks.append(Stage(*parts))
                width = channels

        self.out = nn.Sequential(
            nn.GroupNorm(32, width), nn.SiLU(), nn.Conv2d(width, config.out_channels, 3, padding=1)
        )

    def forward(self, x: Latents, timesteps: Float[Tensor, " b"], context: Context) -> Float[Tensor, "b out h w"]:
        """``timesteps`` run from 0 to 999, fractions allowed; any latent size works, odd ones included."""
        emb = self.time_embed(sinusoid(timesteps, self.config.channels[0]).to(x.dtype))
        h, skips = x, list[Tensor]()
        for stage in self.input_blocks:
            h = stage(h, emb, context)
            skips.append(h)
        h = self.middle_block(h, emb, context)
        for stage in self.output_blocks:
            skip = skips.pop()
            if h.shape[-2:] != skip.shape[-2:]:  # an odd size was rounded up on the way down
                h = F.interpolate(h, size=skip.shape[-2:], mode="nearest")
            h = stage(torch.cat([h, skip], dim=1), emb, context)
        return self.out(h)


def sinusoid(positions: Float[Tensor, " b"], width: int, *, longest: float = 10_000.0) -> Float[Tensor, "b width"]:
    """Cosines, then sines, of each position at ``width``/2 geometrically spaced frequencies (Vaswani et al. 2017)."""
    half = width // 2
    frequencies = torch.exp(torch.arange(half, device=positions.device) * (-math.log(longest) / half))
    angles = positions.float()[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


class Stage(nn.Sequential):
    """Layers in a row, each given what it asks for: the time embedding, the context, or neither."""

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]  # a Sequential in name only: the file numbers it so
        self, x: Float[Tensor, "b c h w"], emb: Float[Tensor, "b e"], context: Context
    ) -> Float[Tensor, "b out h2 w2"]:
        for layer in self:
            if isinstance(layer, ResBlock):
                x = layer(x, emb)
            elif isinstance(layer, SpatialTransformer):
                x = layer(x, context)
            else:
                x = layer(x)
        return x


class ResBlock(nn.Module):
    """Two convolutions around the time embedding, added to the input."""

    def __init__(self, channels: int, out_channels: int, time_width: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(
            nn.GroupNorm(32, channels), nn.SiLU(), nn.Conv2d(channels, out_channels, 3, padding=1)
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(time_width, out_channels))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(32, out_channels),
            nn.SiLU(),
            nn.Identity(),  # where the original had dropout: the numbering is the file's
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
        )
        self.skip_connection = nn.Identity() if channels == out_channels else nn.Conv2d(channels, out_channels, 1)

    def forward(self, x: Float[Tensor, "b c h w"], emb: Float[Tensor, "b e"]) -> Float[Tensor, "b out h w"]:
        h = self.in_layers(x) + self.emb_layers(emb)[:, :, None, None]
        return self.skip_connection(x) + self.out_layers(h)


class Downsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h2 w2"]:
        return self.op(x)


class Upsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h2 w2"]:
        return self.conv(doubled(x))


class SpatialTransformer(nn.Module):
    """Pixels as tokens: self-attention, cross-attention to the context, feed-forward; added to the input."""

    def __init__(self, channels: int, heads: int, depth: int, context: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList(TransformerBlock(channels, heads, context) for _ in range(depth))
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Latents, context: Context) -> Latents:
        height = x.shape[-2]
        h = rearrange(self.proj_in(self.norm(x)), "b c h w -> b (h w) c")
        for block in self.transformer_blocks:
            h = block(h, context)
        return x + self.proj_out(rearrange(h, "b (h w) c -> b c h w", h=height))


class TransformerBlock(nn.Module):
    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.attn1 = CrossAttention(width, heads, width)
        self.ff = FeedForward(width)
        self.attn2 = CrossAttention(width, heads, context)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(self, h: Context, context: Float[Tensor, "b m e"]) -> Context:
        n = self.norm1(h)
        h = h + self.attn1(n, n)
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


def _transformer(config: UNetConfig, channels: int, depth: int) -> Iterable[nn.Module]:
    """A transformer of that depth, or nothing: levels of depth 0 have no such module in the file either."""
    return [SpatialTransformer(channels, config.heads_at(channels), depth, config.context)] if depth else []
