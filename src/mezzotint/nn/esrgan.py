"""Networks that enlarge pictures: ESRGAN's (Wang et al. 2018, arXiv:1809.00219) and Real-ESRGAN's (arXiv:2107.10833).

Modules carry the names of Real-ESRGAN's files. Pixels here are RGB, 0..1.
"""

from dataclasses import dataclass
from typing import TypeAlias

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from mezzotint.nn.resize import doubled

Pixels01: TypeAlias = Float[Tensor, "b 3 h w"]
Enlarged: TypeAlias = Float[Tensor, "b 3 h2 w2"]
Features: TypeAlias = Float[Tensor, "b c h w"]

_SLOPE = 0.2  # of the leaky rectifiers
_RESIDUAL = 0.2  # what a block's result counts beside its input


@dataclass(frozen=True)
class RRDBConfig:
    """Sizes of an ESRGAN. ``unshuffle`` folds so many pixels a side into channels first, which undoes doublings."""

    features: int = 64
    blocks: int = 23
    growth: int = 32
    doublings: int = 2
    unshuffle: int = 1
    has_shortcuts: bool = False

    @property
    def scale(self) -> int:
        """How many times as high and wide the result is."""
        return 2**self.doublings // self.unshuffle


@dataclass(frozen=True)
class CompactConfig:
    """Sizes of a compact network: ``layers`` convolutions between the first and the last."""

    features: int = 64
    layers: int = 16
    scale: int = 4


class RRDBNet(nn.Module):
    """Residual-in-residual dense blocks, then one convolution after each doubling."""

    def __init__(self, config: RRDBConfig) -> None:
        super().__init__()
        self.config = config
        width = config.features
        self.conv_first = nn.Conv2d(3 * config.unshuffle**2, width, 3, padding=1)
        self.body = nn.Sequential(*(_Residual(config) for _ in range(config.blocks)))
        self.conv_body = nn.Conv2d(width, width, 3, padding=1)
        for number in range(1, config.doublings + 1):
            self.add_module(f"conv_up{number}", nn.Conv2d(width, width, 3, padding=1))
        self.conv_hr = nn.Conv2d(width, width, 3, padding=1)
        self.conv_last = nn.Conv2d(width, 3, 3, padding=1)

    @property
    def scale(self) -> int:
        return self.config.scale

    def forward(self, pixels: Pixels01) -> Enlarged:
        height, width = pixels.shape[-2:]
        fold = self.config.unshuffle
        whole = F.pad(pixels, (0, -width % fold, 0, -height % fold), mode="replicate") if fold > 1 else pixels
        h = self.conv_first(F.pixel_unshuffle(whole, fold) if fold > 1 else whole)
        h = h + self.conv_body(self.body(h))
        for number in range(1, self.config.doublings + 1):
            h = F.leaky_relu(self.get_submodule(f"conv_up{number}")(doubled(h)), _SLOPE)
        enlarged = self.conv_last(F.leaky_relu(self.conv_hr(h), _SLOPE))
        return enlarged[..., : height * self.scale, : width * self.scale]


class _Residual(nn.Module):
    """Three dense blocks with a way around them."""

    def __init__(self, config: RRDBConfig) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (_Dense(config) for _ in range(3))

    def forward(self, x: Features) -> Features:
        return x + _RESIDUAL * self.rdb3(self.rdb2(self.rdb1(x)))


class _Dense(nn.Module):
    """Five convolutions, each seeing all results before it; ESRGAN+ has shortcuts (arXiv:2001.08073, fig. 3)."""

    def __init__(self, config: RRDBConfig) -> None:
        super().__init__()
        width, growth = config.features, config.growth
        self.conv1 = nn.Conv2d(width, growth, 3, padding=1)
        self.conv2 = nn.Conv2d(width + growth, growth, 3, padding=1)
        self.conv3 = nn.Conv2d(width + 2 * growth, growth, 3, padding=1)
        self.conv4 = nn.Conv2d(width + 3 * growth, growth, 3, padding=1)
        self.conv5 = nn.Conv2d(width + 4 * growth, width, 3, padding=1)
        self.conv1x1 = nn.Conv2d(width, growth, 1, bias=False) if config.has_shortcuts else None

    def forward(self, x: Features) -> Features:
        x1 = F.leaky_relu(self.conv1(x), _SLOPE)
        x2 = F.leaky_relu(self.conv2(torch.cat([x, x1], 1)), _SLOPE)
        if self.conv1x1 is not None:
            x2 = x2 + self.conv1x1(x)
        x3 = F.leaky_relu(self.conv3(torch.cat([x, x1, x2], 1)), _SLOPE)
        x4 = F.leaky_relu(self.conv4(torch.cat([x, x1, x2, x3], 1)), _SLOPE)
        if self.conv1x1 is not None:
            x4 = x4 + x2
        return x + _RESIDUAL * self.conv5(torch.cat([x, x1, x2, x3, x4], 1))


class CompactNet(nn.Module):
    """A plain chain of convolutions whose last channels become pixels, added to the picture with pixels repeated."""

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        self.config = config
        width = config.features
        chain: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.PReLU(width)]
        for _ in range(config.layers):
            chain += [nn.Conv2d(width, width, 3, padding=1), nn.PReLU(width)]
        self.body = nn.Sequential(*chain, nn.Conv2d(width, 3 * config.scale**2, 3, padding=1))

    @property
    def scale(self) -> int:
        return self.config.scale

    def forward(self, pixels: Pixels01) -> Enlarged:
        details = F.pixel_shuffle(self.body(pixels), self.scale)
        return details + F.interpolate(pixels, scale_factor=float(self.scale), mode="nearest")
