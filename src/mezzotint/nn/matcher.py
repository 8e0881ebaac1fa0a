"""Pictures and captions as points on one sphere, close where they belong together (Radford et al. 2021, CLIP).

A small network that judges pictures: 0.15 GFLOP for a picture of 64 px.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from mezzotint.shapes import Pixels, TokenIds, Vector

_HIGHEST_SCALE = 100.0  # as in CLIP: beyond it, training turns unstable


@dataclass(frozen=True)
class MatcherConfig:
    """Sizes of a matcher: ``channels`` of each level, finest first, the first at half of ``side_px``.

    ``words`` is the size of the vocabulary, in which 0 is no word but the empty space after a caption. ``width`` is the
    number of dimensions of the sphere.
    """

    words: int
    text_width: int = 128
    channels: tuple[int, ...] = (32, 64, 128, 192)
    groups: int = 8
    width: int = 128
    side_px: int = 64


class Matcher(nn.Module):
    """An image tower, a text tower, and how sharply their likeness counts."""

    def __init__(self, config: MatcherConfig) -> None:
        super().__init__()
        self.config = config
        self.image = ImageTower(config)
        self.text = TextTower(config)
        self.log_scale = nn.Parameter(torch.tensor(math.log(10.0)))

    def see(self, pixels: Pixels) -> Vector:
        """Pictures of ``side_px`` as unit vectors, float32."""
        return F.normalize(self.image(pixels).float(), dim=-1)

    def read(self, words: TokenIds) -> Vector:
        """Captions as unit vectors, float32."""
        return F.normalize(self.text(words).float(), dim=-1)

    @property
    def scale(self) -> Float[Tensor, ""]:
        """What a cosine is multiplied with to become a logit; 1 to 100."""
        return self.log_scale.clamp(0.0, math.log(_HIGHEST_SCALE)).exp()


class ImageTower(nn.Module):
    """A residual network: one block per level, then mean and maximum over all places."""

    def __init__(self, config: MatcherConfig) -> None:
        super().__init__()
        width = config.channels[0]
        self.conv_in = nn.Conv2d(3, width, 5, stride=2, padding=2)
        levels = list[nn.Module]()
        for index, channels in enumerate(config.channels):
            if index:
                levels.append(nn.Conv2d(width, channels, 2, stride=2))
                width = channels
            levels.append(_Block(width, config.groups))
        self.levels = nn.Sequential(*levels)
        self.norm_out = nn.GroupNorm(config.groups, width)
        self.out = nn.Linear(2 * width, config.width, bias=False)

    def forward(self, pixels: Pixels) -> Vector:
        h = F.silu(self.norm_out(self.levels(self.conv_in(pixels))))
        return self.out(torch.cat([h.mean(dim=(2, 3)), h.amax(dim=(2, 3))], dim=1))


class TextTower(nn.Module):
    """Words that look at their neighbours, twice, then mean and maximum over all: so `red` goes with what it precedes.

    Convolutions where CLIP has attention: captions of a few words need no more, and these learn in minutes.
    """

    def __init__(self, config: MatcherConfig) -> None:
        super().__init__()
        width = config.text_width
        self.words = nn.Embedding(config.words, width)
        self.mixers = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(2))
        self.out = nn.Linear(2 * width, config.width, bias=False)

    def forward(self, words: TokenIds) -> Vector:
        there = (words != 0)[:, None, :]
        h = self.words(words).transpose(1, 2) * there
        for mixer in self.mixers:
            h = h + F.silu(mixer(h)) * there
        mean = h.sum(dim=2) / there.sum(dim=2).clamp(min=1)
        most = h.masked_fill(~there, -torch.inf).amax(dim=2)
        return self.out(torch.cat([mean, most.nan_to_num(neginf=0.0)], dim=1))


class _Block(nn.Module):
    """Two convolutions beside a straight path, which keeps the colours that the norms would divide out."""

    def __init__(self, width: int, groups: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, h: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        h1 = self.conv1(F.silu(self.norm1(h)))
        return h + self.conv2(F.silu(self.norm2(h1)))
