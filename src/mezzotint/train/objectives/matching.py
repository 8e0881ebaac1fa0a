"""Learning which caption belongs to which picture: symmetric InfoNCE (van den Oord et al. 2018; Radford et al. 2021).

A second term asks for the colour word alone: right among the eleven, in the same sentence.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from PIL import Image, ImageFilter
from torch import Tensor, nn

from mezzotint.nn.matcher import Matcher
from mezzotint.shapes import Pixels, TokenIds, Vector
from mezzotint.train.data.captions import FACELESS, with_article
from mezzotint.train.data.compose import COLORS, Pair, compose
from mezzotint.train.data.sprites import SpriteLibrary

_FILTERS = (
    Image.Resampling.BOX,
    Image.Resampling.BILINEAR,
    Image.Resampling.HAMMING,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)


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
        library: SpriteLibrary,
        rows: Callable[[Sequence[str]], TokenIds],
        *,
        seed: int,
        batch_size: int,
        color_weight: float = 0.5,
        short_share: float = 0.5,
        device: str = "cpu",
    ) -> None:
        """``rows`` makes tokens of captions; ``short_share`` of them are only the label, with its colour."""
        self._matcher, self._library, self._rows = matcher, library, rows
        self._seed, self.batch_size = seed, batch_size
        self._color_weight, self._short_share, self._device = color_weight, short_share, device

    @property
    def modules(self) -> dict[str, nn.Module]:
        return {"matcher": self._matcher}

    def batch(self, step: int) -> MatchingBatch:
        rng = np.random.default_rng((self._seed, step))
        pairs = [compose(self._library, rng) for _ in range(self.batch_size)]
        side_px = self._matcher.config.side_px
        pixels = jittered(np.stack([reframed(pair.picture, side_px, rng) for pair in pairs]), rng)
        captions = [self._caption(pair, rng) for pair in pairs]
        told = [(i, color) for i, pair in enumerate(pairs) if (color := pair.color) is not None]
        variants = [in_color(captions[i], color, other) for i, color in told for other in COLORS]
        names = [plain_label(pair.label) for pair in pairs]
        return MatchingBatch(
            pixels=torch.as_tensor(pixels).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last),
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

    def _caption(self, pair: Pair, rng: np.random.Generator) -> str:
        """The composed caption, or only what is seen and its colour."""
        if rng.random() >= self._short_share:
            return pair.captions[0]
        name = short_name(pair)
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


def short_name(pair: Pair) -> str:
    """The label in words, with the colour it was given: `red apple`."""
    label = pair.label.replace(": ", " with ")
    return f"{pair.color} {label}" if pair.color else label


def in_color(caption: str, color: str, other: str) -> str:
    """The caption with ``other`` for its first ``color``, and the article that goes with it."""

    def exchange(found: re.Match[str]) -> str:
        return with_article(other) if found[1] else other

    return re.sub(rf"(\ban? )?\b{color}\b", exchange, caption, count=1)


def reframed(picture: Image.Image, side_px: int, rng: np.random.Generator) -> np.ndarray:
    """The picture from nearly the same place, turned by at most 8°, at ``side_px`` by any filter; bytes (h, w, 3)."""
    side = picture.width
    margin = side // 6  # turned by 8°, the corners of the crop still lie within it
    framed = Image.fromarray(np.pad(np.asarray(picture), ((margin, margin), (margin, margin), (0, 0)), mode="edge"))
    if rng.random() < 0.5:
        framed = framed.rotate(rng.uniform(-8, 8), Image.Resampling.BILINEAR)
    crop = side * rng.uniform(0.86, 1.06)
    reach = min(side * 0.04, margin - (crop - side) / 2)  # no further than the edge
    left, top = (margin + (side - crop) / 2 + rng.uniform(-reach, reach) for _ in range(2))
    if rng.random() < 0.3:
        framed = framed.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.5) * side / 128))
    how = _FILTERS[int(rng.integers(len(_FILTERS)))]
    small = framed.resize((side_px, side_px), how, box=(left, top, left + crop, top + crop))
    return np.asarray(small)


def jittered(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bytes (b, h, w, 3) to floats in −1..1, each picture with its own light, contrast, saturation and a little noise.

    No change is so large that a colour would need another name.
    """
    count = len(pictures)
    light, spread, saturation = (
        rng.uniform(1 - reach, 1 + reach, (count, 1, 1, 1)).astype(np.float32) for reach in (0.12, 0.15, 0.2)
    )
    tint = rng.uniform(-0.04, 0.04, (count, 1, 1, 3)).astype(np.float32)
    grain = rng.uniform(0.0, 0.06, (count, 1, 1, 1)).astype(np.float32)
    pixels = pictures.astype(np.float32) / 127.5 - 1
    gray = pixels @ np.array([[0.299], [0.587], [0.114]], dtype=np.float32)
    pixels = gray + (pixels - gray) * saturation
    pixels = pixels * spread + (light - 1) + tint
    pixels += grain * rng.standard_normal(pixels.shape, dtype=np.float32)
    return pixels.clip(-1, 1)
