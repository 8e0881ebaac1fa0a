"""The denoising U-Net with cross-attention of latent diffusion (Rombach et al. 2022, arXiv:2112.10752).

Modules carry the names of the original code, so a released file loads by stripping `model.diffusion_model.`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from mezzotint.errors import require
from mezzotint.nn.resize import doubled
from mezzotint.nn.spatial_transformer import SpatialTransformer
from mezzotint.shapes import Context, Latents


@dataclass(frozen=True)
class UNetConfig:
    """Sizes of a U-Net; the defaults are Stable Diffusion 1.

    ``channels`` and ``depths`` (transformer blocks per residual block) are given per level, finest first.
    ``heads`` counts attention heads unless ``head_width`` fixes their width instead. ``linear`` transformers project
    tokens rather than pixels: the same numbers, stored with two axes instead of four. At the levels ``context_only``
    the first attention of a block looks at the context too, not at the picture. ``vector`` is the width of the vector
    that the network is told beside the context, ``labels`` the number of classes of which it is told one instead.
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
    linear: bool = False
    context_only: tuple[int, ...] = ()
    vector: int | None = None
    labels: int | None = None

    def heads_at(self, width: int) -> int:
        return self.heads if self.head_width is None else width // self.head_width


class UNet(nn.Module):
    """What the network makes of noisy latents at a timestep under a context: noise or velocity, as it was trained."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        first, time_width = config.channels[0], 4 * config.channels[0]
        self.time_embed = _two_layers(first, time_width)
        if config.labels is not None:
            self.label_emb = nn.Embedding(config.labels, time_width)
        elif config.vector is not None:
            self.label_emb = nn.Sequential(_two_layers(config.vector, time_width))

        self.input_blocks = nn.ModuleList([Stage(nn.Conv2d(config.in_channels, first, 3, padding=1))])
        width, skips = first, [first]
        last = len(config.channels) - 1
        for level, channels in enumerate(config.channels):
            for _ in range(config.blocks):
                self.input_blocks.append(
                    Stage(ResBlock(width, channels, time_width), *_transformer(config, channels, level))
                )
                width = channels
                skips.append(width)
            if level < last:
                self.input_blocks.append(Stage(Downsample(width)))
                skips.append(width)

        self.middle_block = Stage(
            ResBlock(width, width, time_width),
            *_transformer(config, width, None),
            ResBlock(width, width, time_width),
        )

        self.output_blocks = nn.ModuleList()
        for level in reversed(range(len(config.channels))):
            channels = config.channels[level]
            for block in range(config.blocks + 1):
                parts: list[nn.Module] = [ResBlock(width + skips.pop(), channels, time_width)]
                parts += _transformer(config, channels, level)
                if level > 0 and block == config.blocks:
                    parts.append(Upsample(channels))
                self.output_blocks.append(Stage(*parts))
                width = channels

        self.out = nn.Sequential(
            nn.GroupNorm(32, width), nn.SiLU(), nn.Conv2d(width, config.out_channels, 3, padding=1)
        )

    def forward(
        self,
        x: Latents,
        timesteps: Float[Tensor, " b"],
        context: Context,
        vector: Float[Tensor, "b v"] | None = None,
        labels: Int[Tensor, " b"] | None = None,
    ) -> Float[Tensor, "b out h w"]:
        """``timesteps`` run from 0 to 999, fractions allowed; any latent size works, odd ones included.

        Raises RequestError unless it gets the vector or the labels that its table says, and no other.
        """
        emb = self.time_embed(sinusoid(timesteps, self.config.channels[0]).to(x.dtype))
        wants_vector = self.config.vector is not None
        require(
            (vector is not None) == wants_vector, f"this network must be told {'a' if wants_vector else 'no'} vector"
        )
        wants_labels = self.config.labels is not None
        require(
            (labels is not None) == wants_labels, f"this network must be told {'a' if wants_labels else 'no'} label"
        )
        if vector is not None:
            emb = emb + self.label_emb(vector.to(x.dtype))
        if labels is not None:
            emb = emb + self.label_emb(labels)
        h, skips = x.contiguous(memory_format=torch.channels_last), list[Tensor]()  # which convolutions like best
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


def _two_layers(width: int, out_width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, out_width), nn.SiLU(), nn.Linear(out_width, out_width))


def _transformer(config: UNetConfig, channels: int, level: int | None) -> Iterable[nn.Module]:
    """The transformer of a level, None being the middle; at depth 0 nothing: the file has no such module either."""
    depth = config.middle_depth if level is None else config.depths[level]
    if not depth:
        return []
    return [
        SpatialTransformer(
            channels,
            config.heads_at(channels),
            depth,
            config.context,
            linear=config.linear,
            context_only=level in config.context_only,
        )
    ]
