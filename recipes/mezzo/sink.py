"""A built source on disk: NAME.bin with the pictures, NAME.jsonl with a line for each, NAME.info with the totals."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from PIL import Image

from recipes.mezzo.colours import dominant_colours
from recipes.mezzo.sprite import SIZE_PX, Candidate, Undrawable, fill, fingerprint, fit
from recipes.mezzo.words import is_refused, tidy, tidy_tags

Row = dict[str, Any]  # a JSON line: its optional fields differ from source to source

_QUALITY = 88
_EVERY_SO_MANY = 10  # how often the size at 64 px is measured


@dataclass
class Totals:
    """What NAME.info holds. ``b64`` is what the pictures would take at 64 px, estimated from every tenth one."""

    n: int
    drop: int
    b128: int
    b64: int
    lic: str
    author: str
    style: str


class Sink:
    """Writes one source into hidden files, which ``close`` puts in place and ``discard`` removes."""

    def __init__(self, folder: Path, name: str, *, style: str, licence: str, author: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = name
        self.totals = Totals(n=0, drop=0, b128=0, b64=0, lic=licence, author=author, style=style)
        self._seen: set[str] = set()
        self._pictures: IO[bytes] = self._part("bin").open("wb")
        self._lines: IO[str] = self._part("jsonl").open("w", encoding="utf-8")

    def add(self, candidate: Candidate) -> bool:
        """Draw and keep a picture; False if it was dropped: refused words, nothing to see, or seen before."""
        row = self._drawn(candidate)
        if row is None:
            self.totals.drop += 1
        return row is not None

    def _drawn(self, candidate: Candidate) -> Row | None:
        label = tidy(candidate.label)
        tags = tidy_tags(candidate.tags, label)
        if not label or is_refused(label, *candidate.tags):
            return None
        try:
            drawing = candidate.draw()
            picture = fit(drawing) if candidate.is_cut_out else fill(drawing)
        except (Undrawable, OSError):  # a damaged file of the source: its other pictures are still wanted
            return None
        if picture is None or (look := fingerprint(picture)) in self._seen:
            return None
        self._seen.add(look)
        coded = _webp(picture)
        row: Row = {
            "o": self.totals.b128,
            "n": len(coded),
            "src": self._name,
            "style": self.totals.style,
            "label": label,
            "tags": tags,
            "cat": candidate.category,
            "colors": dominant_colours(picture),
            **candidate.extra,
        }
        self._pictures.write(coded)
        self._lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        if self.totals.n % _EVERY_SO_MANY == 0:
            small = picture.resize((SIZE_PX // 2, SIZE_PX // 2), Image.Resampling.LANCZOS)
            self.totals.b64 += len(_webp(small)) * _EVERY_SO_MANY
        self.totals.n += 1
        self.totals.b128 += len(coded)
        return row

    def close(self, *, limit: int | None = None) -> None:
        """Put the three files in place, the totals last: a source without them counts as not built."""
        self._pictures.close()
        self._lines.close()
        sample = {} if limit is None else {"limit": limit}
        self._part("info").write_text(json.dumps(asdict(self.totals) | sample, ensure_ascii=False), encoding="utf-8")
        _file(self._folder, self._name, "info").unlink(missing_ok=True)
        for ending in ("bin", "jsonl", "info"):
            self._part(ending).replace(_file(self._folder, self._name, ending))

    def discard(self) -> None:
        """Remove what was written so far; an earlier build of this source stays."""
        self._pictures.close()
        self._lines.close()
        for ending in ("bin", "jsonl", "info"):
            self._part(ending).unlink(missing_ok=True)

    def _part(self, ending: str) -> Path:
        return self._folder / f".{self._name}.{ending}.part"


def names(folder: Path) -> list[str]:
    """The sources that are completely built in ``folder``."""
    return sorted(path.stem for path in folder.glob("*.info"))


def totals(folder: Path, name: str) -> Row | None:
    """What NAME.info says, or None if the source is not built; ``limit`` is there for a sample."""
    path = _file(folder, name, "info")
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def rows(folder: Path, name: str) -> list[Row]:
    """The JSON lines of a built source."""
    text = _file(folder, name, "jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def pictures(folder: Path, name: str, wanted: list[Row]) -> Iterator[Image.Image]:
    """The RGBA pictures of some rows, in their order."""
    with _file(folder, name, "bin").open("rb") as file:
        for row in wanted:
            file.seek(row["o"])
            yield Image.open(io.BytesIO(file.read(row["n"]))).convert("RGBA")


def _file(folder: Path, name: str, ending: str) -> Path:
    return folder / f"{name}.{ending}"


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=4)
    return out.getvalue()
