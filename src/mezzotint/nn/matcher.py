"""Pictures and captions as points on one sphere, close where they belong together (Radford et al. 2021, CLIP).

A small network that judges pictures: 0.15 GFLOP for a picture of 64 px.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.shapes import Pixels, TokenIds, Vector

_HIGHEST_SCALE = 100.0  # as in CLIP: beyond it, training turns unstable


@dataclass(frozen=True)
class MatcherConfig:
    """Sizes of a matcher: ``channels`` of each level, finest first, the first at half of ``side_px``.

    ``end`` is the token that ends every caption, ``width`` the number of dimensions of the sphere.
    """

    text: CLIPTextConfig
    end: int
    channels: tuple[int, ...] = (32, 64, 128, 160)
    groups: int = 8
    width: int = 128
    side_px: int = 64


class Matcher(nn.Module):
    """An image tower, a text tower, and how sharply their likeness counts."""

    def __init__(self, config: MatcherConfig) -> None:
        super().__init__()
        self.config = config
        self.image = ImageTower(config)
        self.text = CLIPText(config.text)
        self.text_out = nn.Linear(config.text.width, config.width, bias=False)
        self.log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
        embeddings = self.text.text_model.embeddings
        nn.init.normal_(embeddings.token_embedding.weight, std=0.02)
        nn.init.normal_(embeddings.position_embedding.weight, std=0.01)

    def see(self, pixels: Pixels) -> Vector:
        """Pictures of ``side_px`` as unit vectors, float32."""
        return F.normalize(self.image(pixels).float(), dim=-1)

    def read(self, tokens: TokenIds) -> Vector:
        """Captions as unit vectors, float32: the state at the end token, which has seen all before it."""
        states = self.text(tokens)
        ends = (tokens == self.config.end).int().argmax(dim=1)
        pooled = states[torch.arange(len(states), device=states.device), ends]
        return F.normalize(self.text_out(pooled).float(), dim=-1)

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
