"""A small autoencoder for quick looks: latents as a network sees them, to pictures and back, in few convolutions.

The architecture is that of TAESD (Boer Bohan 2023, https://github.com/madebyollin/taesd), whose files number the layers
from 0, so these networks are plain sequences.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mezzotint.nn.resize import doubled
from mezzotint.shapes import Latents, Pixels


@dataclass(frozen=True)
class TinyAutoencoderConfig:
    """Sizes; the defaults are those of every published one but for ``latent_channels``.

    ``levels`` is how often the picture is halved, ``blocks`` the number of residual blocks at each size.
    """

    latent_channels: int = 4
    width: int = 64
    levels: int = 3
    blocks: int = 3


class TinyDecoder(nn.Sequential):
    """Latents as the network sees them (scaled) to pixels −1..1; what is out of range is not clamped."""

    def __init__(self, config: TinyAutoencoderConfig) -> None:
        width = config.width
        layers: list[nn.Module] = [_SoftClamp(), _conv(config.latent_channels, width), nn.ReLU()]
        for _ in range(config.levels):
            layers += [*(Block(width) for _ in range(config.blocks)), _Doubled(), _conv(width, width, bias=False)]
        super().__init__(*layers, Block(width), _conv(width, 3))
        self.config = config

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]  # a Sequential in name only: the file numbers it so
        self, latents: Latents
    ) -> Float[Tensor, "b 3 height width"]:
        h = latents
        for layer in self:
            h = layer(h)
        return h * 2 - 1  # the published weights give 0..1


class TinyEncoder(nn.Sequential):
    """Pixels −1..1 to latents as the network sees them (scaled)."""

    def __init__(self, config: TinyAutoencoderConfig) -> None:
        width = config.width
        layers: list[nn.Module] = [_conv(3, width), Block(width)]
        for _ in range(config.levels):
            layers += [_conv(width, width, stride=2, bias=False), *(Block(width) for _ in range(config.blocks))]
        super().__init__(*layers, _conv(width, config.latent_channels))
        self.config = config

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        self, pixels: Pixels
    ) -> Float[Tensor, "b c height width"]:
        h = (pixels + 1) / 2
        for layer in self:
            h = layer(h)
        return h


class Block(nn.Module):
    """Three convolutions, added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(_conv(width, width), nn.ReLU(), _conv(width, width), nn.ReLU(), _conv(width, width))

    def forward(self, h: Latents) -> Latents:
        return torch.relu(self.conv(h) + h)


class _SoftClamp(nn.Module):
    """Values bent smoothly into −3..3, where nearly all latents lie anyway."""

    def forward(self, latents: Latents) -> Latents:
        return torch.tanh(latents / 3) * 3


class _Doubled(nn.Module):
    def forward(self, h: Latents) -> Float[Tensor, "b c h2 w2"]:
        return doubled(h)


def _conv(channels: int, out_channels: int, *, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(channels, out_channels, 3, stride=stride, padding=1, bias=bias)
