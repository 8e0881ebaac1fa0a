"""Rename tables: rows of theirs and ours with placeholders, read in either direction."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor


@dataclass(frozen=True)
class Row:
    """A name in their layout and in ours. ``{rest}`` stands for anything, any other ``{word}`` for a number."""

    theirs: str
    ours: str


@dataclass(frozen=True)
class Layout:
    """Rows tried in order; the first that fits a name renames it."""

    rows: tuple[Row, ...]

    def to_ours(self, name: str) -> str | None:
        """Our name for one of theirs; None if no row fits."""
        return next((new for rename in self._inward if (new := rename(name))), None)

    def to_theirs(self, name: str) -> str | None:
        """Their name for one of ours; None if no row fits."""
        return next((new for rename in self._outward if (new := rename(name))), None)

    def fits(self, names: Iterable[str]) -> bool:
        """Whether any of the names is one of theirs."""
        return any(self.to_ours(name) for name in names)

    def read(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The tensors under our names; those that no row fits keep theirs."""
        return {self.to_ours(name) or name: tensor for name, tensor in tensors.items()}

    def written(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The tensors under their names: undoes `read`."""
        return {self.to_theirs(name) or name: tensor for name, tensor in tensors.items()}

    @cached_property
    def _inward(self) -> list[Callable[[str], str | None]]:
        return [_renamer(row.theirs, row.ours) for row in self.rows]

    @cached_property
    def _outward(self) -> list[Callable[[str], str | None]]:
        return [_renamer(row.ours, row.theirs) for row in self.rows]


def _renamer(source: str, target: str) -> Callable[[str], str | None]:
    parts = re.split(r"\{(\w+)\}", source)
    pattern = "".join(
        re.escape(part) if i % 2 == 0 else rf"(?P<{part}>{'.+' if part == 'rest' else '[0-9]+'})"
        for i, part in enumerate(parts)
    )
    compiled = re.compile(pattern)

    def rename(name: str) -> str | None:
        found = compiled.fullmatch(name)
        return target.format(**found.groupdict()) if found else None

    return rename
