"""Learning which caption belongs to which picture: symmetric InfoNCE (van den Oord et al. 2018; Radford et al. 2021).

A second term asks for the colour word alone: right among the eleven, in the same sentence.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor, nn

from mezzotint.nn.matcher import Matcher
from mezzotint.shapes import Pixels, TokenIds, Vector
from mezzotint.train.data.captions import FACELESS, with_article
from mezzotint.train.data.compose import COLORS
from mezzotint.train.data.pictures import PictureCache, Shown


@dataclass(frozen=True)
class MatchingBatch:
    """``kinds`` numbers what is shown, equal for equal labels. Of the pictures ``colored``, the caption is given in all
    eleven colours, row after row in ``variants``, and ``color`` is the place of the right one."""

    pixels: Pixels
    tokens: TokenIds
    kinds: Int[Tensor, " b"]
    colored: Int[Tensor, " k"]
    variants: Int[Tensor, "variants words"]
    color: Int[Tensor, " k"]

    def to(self, device: str) -> "MatchingBatch":
        """The same on the device."""
        return MatchingBatch(
            *(
                tensor.to(device, non_blocking=True)
                for tensor in (self.pixels, self.tokens, self.kinds, self.colored, self.variants, self.color)
            )
        )


class Matching:
    """Pictures find their captions in the batch, captions their pictures, and coloured things their colour word."""

    def __init__(
        self,
        matcher: Matcher,
        cache: PictureCache,
        rows: Callable[[Sequence[str]], TokenIds],
        *,
        seed: int,
        batch_size: int,
        color_weight: float = 0.5,
        short_share: float = 0.5,
        device: str = "cpu",
    ) -> None:
        """``rows`` makes tokens of captions; ``short_share`` of them are only the label, with its colour."""
        self._matcher, self._cache, self._rows = matcher, cache, rows
        self._seed, self.batch_size = seed, batch_size
        self._color_weight, self._short_share, self._device = color_weight, short_share, device

    @property
    def modules(self) -> dict[str, nn.Module]:
        return {"matcher": self._matcher}

    def batch(self, step: int) -> MatchingBatch:
        rng = np.random.default_rng((self._seed, step))
        chosen = rng.integers(0, len(self._cache), self.batch_size)
        shown = [self._cache.shown[int(index)] for index in chosen]
        pixels = distorted(self._cache.pixels[torch.as_tensor(chosen)], self._matcher.config.side_px, rng)
        captions = [self._caption(each, rng) for each in shown]
        told = [(i, each.color) for i, each in enumerate(shown) if each.color is not None]
        variants = [in_color(captions[i], color, other) for i, color in told for other in COLORS]
        names = [plain_label(each.label) for each in shown]
        return MatchingBatch(
            pixels=pixels.contiguous(memory_format=torch.channels_last),
            tokens=self._rows(captions),
            kinds=torch.tensor([names.index(name) for name in names]),
            colored=torch.tensor([i for i, _ in told], dtype=torch.int64),
            variants=self._rows(variants),
            color=torch.tensor([list(COLORS).index(color) for _, color in told], dtype=torch.int64),
        )

    def loss(self, batch: MatchingBatch, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        batch = batch.to(self._device)
        seen, read, scale = self._matcher.see(batch.pixels), self._matcher.read(batch.tokens), self._matcher.scale
        same = batch.kinds[:, None] == batch.kinds[None, :]
        with torch.autocast(seen.device.type, enabled=False):  # a bf16 product would round logits to half a unit
            match, first = contrast(seen, read, scale, same=same)
        color, color_first = self._color(seen, batch)
        figures = {"match": match, "first": first, "color": color, "color_first": color_first, "scale": scale}
        return match + self._color_weight * color, figures

    def sample(self) -> None:
        """Nothing to show: it reads pictures and makes none."""

    def _color(self, seen: Vector, batch: MatchingBatch) -> tuple[Tensor, Tensor]:
        """How wrong the colour words are, and the share of right ones; 0 and 1 where there are none."""
        if not len(batch.colored):
            return seen.new_zeros(()), seen.new_ones(())
        variants = self._matcher.read(batch.variants).view(-1, len(COLORS), seen.shape[1])
        logits = self._matcher.scale * (seen[batch.colored][:, None] * variants).sum(-1)
        return F.cross_entropy(logits, batch.color), (logits.argmax(1) == batch.color).float().mean()

    def _caption(self, shown: Shown, rng: np.random.Generator) -> str:
        """A composed caption, or only what is seen and its colour."""
        if rng.random() >= self._short_share:
            return shown.captions[int(rng.integers(len(shown.captions)))]
        name = short_name(shown.label, shown.color)
        return with_article(name) if rng.random() < 0.5 else name


def contrast(
    seen: Vector, read: Vector, scale: Float[Tensor, ""], *, same: Bool[Tensor, "b b"]
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """InfoNCE of unit vectors in both directions, and the share of pictures whose own caption comes first.

    Pairs that are the ``same`` are no counter-examples of each other.
    """
    own = torch.eye(len(seen), dtype=torch.bool, device=seen.device)
    logits = (scale * seen @ read.T).masked_fill(same & ~own, -torch.inf)
    target = torch.arange(len(seen), device=seen.device)
    loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
    return loss, (logits.argmax(1) == target).float().mean()


def plain_label(label: str) -> str:
    """The label under which `dog face` and `dog` are one thing."""
    return FACELESS.sub("", label)


def short_name(label: str, color: str | None) -> str:
    """The label in words, with the colour it was given: `red apple`."""
    words = label.replace(": ", " with ")
    return f"{color} {words}" if color else words


def in_color(caption: str, color: str, other: str) -> str:
    """The caption with ``other`` for its first ``color``, and the article that goes with it."""

    def exchange(found: re.Match[str]) -> str:
        return with_article(other) if found[1] else other

    return re.sub(rf"(\ban? )?\b{color}\b", exchange, caption, count=1)


def distorted(pictures: UInt8[Tensor, "b 3 side side"], side_px: int, rng: np.random.Generator) -> Pixels:
    """Bytes to pixels of ``side_px``, each turned by at most 8 degrees, nearer or farther, softer, in its own light.

    No change is so large that a colour would need another name.
    """
    pixels = jittered(pictures.float() / 127.5 - 1, rng)
    count = len(pixels)
    angle, zoom = _uniform(rng, count, np.radians(8)), 1 + _uniform(rng, count, 0.1)
    across, down = _uniform(rng, count, 0.06), _uniform(rng, count, 0.06)
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    places = torch.stack([torch.stack([cos, -sin, across], 1), torch.stack([sin, cos, down], 1)], 1)
    grid = F.affine_grid(places, [count, 3, side_px, side_px], align_corners=False)
    framed = F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
    softer = F.interpolate(F.avg_pool2d(framed, 2), scale_factor=2.0, mode="bilinear")
    soft = torch.as_tensor(rng.uniform(0, 1, (count, 1, 1, 1)) * (rng.random((count, 1, 1, 1)) < 0.5)).float()
    return framed.lerp(softer, soft)


def jittered(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Pixels in their own light, contrast, saturation and tint, with a little noise."""
    count = len(pixels)
    light, spread, saturation = (_uniform(rng, (count, 1, 1, 1), reach) for reach in (0.12, 0.15, 0.2))
    gray = (pixels * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(dim=1, keepdim=True)
    pixels = gray + (pixels - gray) * (1 + saturation)
    pixels = pixels * (1 + spread) + light + _uniform(rng, (count, 3, 1, 1), 0.04)
    grain = 0.03 + _uniform(rng, (count, 1, 1, 1), 0.03)
    return (pixels + grain * torch.as_tensor(rng.standard_normal(pixels.shape, dtype=np.float32))).clamp(-1, 1)


def _uniform(rng: np.random.Generator, shape: int | tuple[int, ...], reach: float) -> Tensor:
    """Numbers from -``reach`` to ``reach``, float32."""
    return torch.as_tensor(rng.uniform(-reach, reach, shape)).float()
