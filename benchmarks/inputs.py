"""What both systems are given, and how far their answers may differ."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import torch
from torch import Tensor, nn

from mezzotint.diffusion.noise import PictureNoise
from mezzotint.prompt.tokenizer import CLIPTokenizer

PROMPT, NEGATIVE = "a photograph of an astronaut riding a horse", "blurry, low quality"


def _randn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


@dataclass(frozen=True)
class Inputs:
    """``side_px`` is for single networks; the whole picture has ``size_px`` and few steps, or it would take minutes."""

    side_px: int = 512
    size_px: int = 256
    steps: int = 4
    scale: float = 7.5
    seed: int = 1
    timestep: Tensor = field(default_factory=lambda: torch.tensor([353.0]))

    @cached_property
    def latents(self) -> Tensor:
        """Two, as guidance needs."""
        return _randn(1, 4, self.side_px // 8, self.side_px // 8).expand(2, -1, -1, -1).contiguous()

    @cached_property
    def context(self) -> Tensor:
        return _randn(2, 77, 768)

    @cached_property
    def tokens(self) -> Tensor:
        tokenizer = CLIPTokenizer()
        rows = [[tokenizer.start, *tokenizer.encode(text)] for text in (PROMPT, NEGATIVE)]
        return torch.tensor([row + [tokenizer.end] * (77 - len(row)) for row in rows])

    @cached_property
    def pixels(self) -> Tensor:
        return _randn(1, 3, self.side_px, self.side_px).clamp(-1, 1)

    @cached_property
    def start(self) -> Tensor:
        """The noise that a picture of ours begins with."""
        return PictureNoise([self.seed])((4, self.size_px // 8, self.size_px // 8))


Witness: TypeAlias = Callable[[], Tensor]
"""Something to tell two answers apart by that takes time of its own."""


def sums(*networks: nn.Module) -> Tensor:
    """All weights of each network in one number."""
    return torch.stack([torch.stack([p.double().sum() for p in network.parameters()]).sum() for network in networks])


TOLERANCE = {"step": 2e-4, "text": 2e-4, "decode": 2e-4, "encode": 2e-4, "load": 1e-6, "picture": 0.02}
"""Largest difference as a share of the largest value. A picture's is wide: the two round their noise levels apart."""
