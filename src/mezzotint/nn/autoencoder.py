"""The variational autoencoder between pixels and latents (Rombach et al. 2022, arXiv:2112.10752, appendix G).

Modules carry the names of the original code, so a released file loads by stripping `first_stage_model.`.
"""

from dataclasses import dataclass
from typing import TypeAlias

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from mezzotint.nn.attention import Attend
from mezzotint.nn.resize import doubled
from mezzotint.shapes import Latents, Pixels

Changed: TypeAlias = Float[Tensor, "b c2 h2 w2"]
"""Features after a layer that may change their number and size."""


@dataclass(frozen=True)
class AutoencoderConfig:
    """Sizes of an autoencoder, finest level first; each level after the first halves the picture."""

    channels: tuple[int, ...] = (128, 256, 512, 512)
    blocks: int = 2
    latent_channels: int = 4
    groups: int = 32


@dataclass(frozen=True)
class Posterior:
    """A diagonal Gaussian over latents, unscaled."""

    mean: Latents
    log_variance: Latents

    def mode(self) -> Latents:
        return self.mean

    def sample(self, noise: Latents) -> Latents:
        """Mean plus standard deviation times ``noise``, which is drawn by the caller."""
        return self.mean + torch.exp(0.5 * self.log_variance) * noise


class Autoencoder(nn.Module):
    """Pixels (−1..1) to a distribution over latents and back. Latents here carry no scale factor."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quant_conv = nn.Conv2d(2 * config.latent_channels, 2 * config.latent_channels, 1)
        self.post_quant_conv = nn.Conv2d(config.latent_channels, config.latent_channels, 1)

    def encode(self, pixels: Pixels) -> Posterior:
        mean, log_variance = self.quant_conv(self.encoder(pixels)).chunk(2, dim=1)
        return Posterior(mean, log_variance.clamp(-30.0, 20.0))

    def decode(self, latents: Latents) -> Float[Tensor, "b 3 height width"]:
        return self.decoder(self.post_quant_conv(latents))


class Encoder(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        width, groups = config.channels[0], config.groups
        self.conv_in = nn.Conv2d(3, width, 3, padding=1)
        self.down = nn.ModuleList()
        for level, channels in enumerate(config.channels):
            blocks = list[nn.Module]()
            for _ in range(config.blocks):
                blocks.append(ResnetBlock(width, channels, groups))
                width = channels
            self.down.append(_Level(blocks, downsample=width if level < len(config.channels) - 1 else None))
        self.mid = _Middle(width, groups)
        self.norm_out = nn.GroupNorm(groups, width, eps=1e-6)
        self.conv_out = nn.Conv2d(width, 2 * config.latent_channels, 3, padding=1)

    def forward(self, pixels: Pixels) -> Changed:
        h = self.conv_in(pixels)
        for level in self.down:
            h = level(h)
        return self.conv_out(F.silu(self.norm_out(self.mid(h))))


class Decoder(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        width, groups = config.channels[-1], config.groups
        self.conv_in = nn.Conv2d(config.latent_channels, width, 3, padding=1)
        self.mid = _Middle(width, groups)
        levels = list[nn.Module]()
        for level in reversed(range(len(config.channels))):
            blocks = list[nn.Module]()
            for _ in range(config.blocks + 1):
                blocks.append(ResnetBlock(width, config.channels[level], groups))
                width = config.channels[level]
            levels.append(_Level(blocks, upsample=width if level > 0 else None))
        self.up = nn.ModuleList(reversed(levels))  # the file numbers them finest first
        self.norm_out = nn.GroupNorm(groups, width, eps=1e-6)
        self.conv_out = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, latents: Latents) -> Float[Tensor, "b 3 height width"]:
        h = self.mid(self.conv_in(latents))
        for level in reversed(list(self.up)):
            h = level(h)
        return self.conv_out(F.silu(self.norm_out(h)))


class _Level(nn.Module):
    """Blocks at one size, then a change of size if ``downsample`` or ``upsample`` gives the width for it."""

    def __init__(self, blocks: list[nn.Module], *, downsample: int | None = None, upsample: int | None = None) -> None:
        super().__init__()
        self.block = nn.ModuleList(blocks)
        if downsample is not None:
            self.downsample = Downsample(downsample)
        if upsample is not None:
            self.upsample = Upsample(upsample)

    def forward(self, h: Latents) -> Changed:
        for layer in self.block:
            h = layer(h)
        for change in ("downsample", "upsample"):
            if change in self._modules:
                h = self.get_submodule(change)(h)
        return h


class _Middle(nn.Module):
    def __init__(self, width: int, groups: int) -> None:
        super().__init__()
        self.block_1 = ResnetBlock(width, width, groups)
        self.attn_1 = AttnBlock(width, groups)
        self.block_2 = ResnetBlock(width, width, groups)

    def forward(self, h: Latents) -> Latents:
        return self.block_2(self.attn_1(self.block_1(h)))


class ResnetBlock(nn.Module):
    def __init__(self, channels: int, out_channels: int, groups: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, channels, eps=1e-6)
        self.conv1 = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, out_channels, eps=1e-6)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        if channels != out_channels:
            self.nin_shortcut = nn.Conv2d(channels, out_channels, 1)

    def forward(self, x: Latents) -> Changed:
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return (self.nin_shortcut(x) if "nin_shortcut" in self._modules else x) + h


class AttnBlock(nn.Module):
    """One head of self-attention over all positions, as wide as the features."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)
        self.attend = Attend()

    def forward(self, x: Latents) -> Latents:
        h = self.norm(x)
        q, k, v = (rearrange(project(h), "b c h w -> b 1 (h w) c") for project in (self.q, self.k, self.v))
        return x + self.proj_out(rearrange(self.attend(q, k, v), "b 1 (h w) c -> b c h w", h=x.shape[-2]))


class Downsample(nn.Module):
    """Halve by a strided convolution; the padding sits right and below only, as the released weights expect."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Latents) -> Changed:
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Latents) -> Changed:
        return self.conv(doubled(x))
