"""Sprite sets on disk: RGBA pictures with labels, tags and colours, as `recipes/mezzo` builds them."""

import io
import json
import mmap
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image

from mezzotint.errors import TrainingError


@dataclass(frozen=True)
class Sprite:
    """One picture of one thing. ``colors`` come most frequent first; ``tint`` marks a colour drawn by lot."""

    source: str
    style: str
    label: str
    tags: tuple[str, ...]
    category: str
    colors: tuple[str, ...]
    tint: str | None
    offset: int
    length: int


class SpriteLibrary:
    """The sprites of a folder, with a weight each; pictures are decoded when asked for."""

    def __init__(self, folder: Path, weights: Mapping[str, float]) -> None:
        """``weights`` names the sources to use and each source's share of the draws.

        Raises TrainingError if a source is not in ``folder``.
        """
        self.sprites: list[Sprite] = []
        self._files: dict[str, mmap.mmap] = {}
        share = list[float]()
        for source, weight in weights.items():
            lines, pixels = folder / f"{source}.jsonl", folder / f"{source}.bin"
            if not (lines.is_file() and pixels.is_file()):
                raise TrainingError(
                    f"no sprites of source {source!r} in {folder}",
                    hint="build the set with `python -m recipes.mezzo.build`, or name the folder with --data",
                )
            with pixels.open("rb") as file:
                self._files[source] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            rows = map(json.loads, lines.read_text(encoding="utf-8").splitlines())
            kept = [sprite for row in rows if (sprite := _read(row)) is not None]
            importance = np.array([_importance(sprite) for sprite in kept])
            share.extend(weight * importance / importance.sum())
            self.sprites.extend(kept)
        self._cumulative = np.cumsum(np.array(share) / sum(share))

    def draw(self, rng: np.random.Generator) -> Sprite:
        """A sprite, by weight."""
        return self.sprites[min(int(np.searchsorted(self._cumulative, rng.random())), len(self.sprites) - 1)]

    def picture(self, sprite: Sprite) -> Image.Image:
        """The sprite's pixels, RGBA, 128 px."""
        data = self._files[sprite.source][sprite.offset : sprite.offset + sprite.length]
        return Image.open(io.BytesIO(data)).convert("RGBA")

    def of(self, source: str) -> Sequence[Sprite]:
        return [sprite for sprite in self.sprites if sprite.source == source]


def _read(row: dict[str, object]) -> Sprite | None:
    """A row of the set, or None where it is not drawn: skin-tone variants, national flags, keycaps."""
    label = str(row["label"])
    if "skin tone" in label or label.startswith(("flag:", "keycap:", "regional indicator")):
        return None
    return Sprite(
        source=str(row["src"]),
        style=str(row.get("style2", row["style"])),
        label=label,
        tags=tuple(tag for tag in _words(row["tags"]) if not _RUDE.search(tag))[:4],
        category=str(row["cat"]),
        colors=tuple(_words(row["colors"])),
        tint=str(row["tint"]) if row.get("tint") else None,
        offset=int(str(row["o"])),
        length=int(str(row["n"])),
    )


_RUDE = re.compile(
    r"phall|piss|damn|sex|porn|fuck|cuss|shit|bitch|ass\b|butt|boob|breast|kinky|horny|naked|drug|drunk", re.I
)


def _words(value: object) -> Iterable[str]:
    return map(str, cast(list[object], value)) if isinstance(value, list) else ()


def _importance(sprite: Sprite) -> float:
    """Signs, clock faces and people in uniform are many and say little; what is asked for most comes first."""
    label = sprite.label
    if sprite.category in ("symbols", "component", "flags") or "o'clock" in label or label.endswith("thirty"):
        return 0.05
    if sprite.category == "people":
        return 0.15
    return 1.6 if sprite.category in ("animals and nature", "food and drink") else 1.0
