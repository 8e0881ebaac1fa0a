"""Two built sets compared in kind: the same fields, like counts, the same words, and pictures that look alike."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recipes.mezzo import sink
from recipes.mezzo.sink import Row
from recipes.mezzo.words import tidy

_COMPARED_PX = 64


@dataclass(frozen=True)
class Tolerance:
    """How far a built source may be from the reference one; differences of pictures are 0..255, see ``difference``."""

    count: float = 0.25  # relative difference in sprites, for complete builds
    labels: float = 0.6  # share of the labels that the reference has too
    same_apart: float = 6.0  # drawn from the same file: the renderer or the encoder may have changed a little
    redrawn_apart: float = 40.0  # another crop or another view of the same thing, which only has to look related


@dataclass(frozen=True)
class Comparison:
    """One source in both sets; ``*_apart`` are mean differences, None where there was nothing to compare."""

    name: str
    ours: int
    theirs: int
    is_sample: bool
    differing_fields: tuple[str, ...]
    label_overlap: float
    same: int
    same_apart: float | None
    redrawn: int
    redrawn_apart: float | None

    def faults(self, tolerance: Tolerance) -> list[str]:
        """What is out of tolerance, in words; empty if all is well."""
        found: list[str] = []
        if self.differing_fields:
            found.append(f"fields differ: {', '.join(self.differing_fields)}")
        if not self.is_sample and abs(self.ours - self.theirs) > tolerance.count * self.theirs:
            found.append(f"{self.ours} sprites, the reference has {self.theirs}")
        if self.label_overlap < tolerance.labels:
            found.append(f"only {self.label_overlap:.0%} of the labels are in the reference")
        if self.same_apart is not None and self.same_apart > tolerance.same_apart:
            found.append(f"pictures of the same label differ by {self.same_apart:.1f}")
        if self.redrawn_apart is not None and self.redrawn_apart > tolerance.redrawn_apart:
            found.append(f"other views of the same label differ by {self.redrawn_apart:.1f}")
        return found


def compare(ours: Path, theirs: Path, name: str, *, most: int = 200) -> Comparison:
    """One source that both folders hold; up to ``most`` pictures are compared with those of the same label."""
    our_rows, their_rows = sink.rows(ours, name), sink.rows(theirs, name)
    by_label: defaultdict[str, list[Row]] = defaultdict(list)
    for row in their_rows:
        by_label[tidy(row["label"])].append(row)
    labels = {tidy(row["label"]) for row in our_rows}
    known = [row for row in our_rows if tidy(row["label"]) in by_label]
    chosen = random.Random(0).sample(known, min(most, len(known)))
    apart = list(zip(chosen, _apart(ours, theirs, name, chosen, by_label), strict=True))
    same = [value for row, value in apart if not _is_drawn_by_lot(row)]
    redrawn = [value for row, value in apart if _is_drawn_by_lot(row)]
    return Comparison(
        name=name,
        ours=len(our_rows),
        theirs=len(their_rows),
        is_sample=any("limit" in (sink.totals(folder, name) or {}) for folder in (ours, theirs)),
        differing_fields=tuple(sorted(_fields(our_rows) ^ _fields(their_rows))),
        label_overlap=sum(label in by_label for label in labels) / max(1, len(labels)),
        same=len(same),
        same_apart=float(np.mean(same)) if same else None,
        redrawn=len(redrawn),
        redrawn_apart=float(np.mean(redrawn)) if redrawn else None,
    )


def _is_drawn_by_lot(row: Row) -> bool:
    """Whether the angle or the crop was chosen by lot, so that two builders' pictures need not agree."""
    return row.get("view", "icon") != "icon" or row.get("crop", 0) != 0


def difference(a: Image.Image, b: Image.Image, *, only_shape: bool = False) -> float:
    """Mean absolute difference, 0..255, at 64 x 64 px over white; of the alpha channel alone for ``only_shape``."""
    return float(np.abs(_flat(a, only_shape) - _flat(b, only_shape)).mean())


def _apart(ours: Path, theirs: Path, name: str, chosen: list[Row], by_label: dict[str, list[Row]]) -> Iterator[float]:
    """How far each picture is from the reference picture of that label that looks most like it: labels may repeat."""
    for row, picture in zip(chosen, sink.pictures(ours, name, chosen), strict=True):
        others = by_label[tidy(row["label"])]
        is_tinted = "tint" in row  # by lot as well: only the shape can agree
        yield min(difference(picture, other, only_shape=is_tinted) for other in sink.pictures(theirs, name, others))


def _flat(picture: Image.Image, only_shape: bool) -> NDArray[np.float32]:
    small = picture.resize((_COMPARED_PX, _COMPARED_PX), Image.Resampling.BOX)
    if only_shape:
        return np.asarray(small.getchannel("A"), np.float32)
    white = Image.new("RGBA", small.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(white, small).convert("RGB"), np.float32)


def _fields(rows: list[Row]) -> set[str]:
    return {key for row in rows for key in row}
