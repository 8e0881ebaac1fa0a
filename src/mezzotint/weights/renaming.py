"""Rename tables: rows of theirs and ours with placeholders, read in either direction.

Most rows rename. Some also say that one of their tensors is several of ours laid one below the other, or that theirs is
turned, or that ours is a 1x1 convolution where theirs is linear.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from mezzotint.weights.faults import refusal, shown
from mezzotint.weights.tensors import Entry, Header, Tensors, with_header


@dataclass(frozen=True)
class Row:
    """A name in their layout and in ours. ``{rest}`` stands for anything, any other ``{word}`` for a number.

    Several names of ours are the parts of their tensor from the first row of numbers to the last.
    """

    theirs: str
    ours: str | tuple[str, ...]
    turned: bool = False  # one is the transpose of the other
    pointwise: bool = False  # ours has the two axes of a 1x1 convolution at its end, theirs has not

    @property
    def parts(self) -> tuple[str, ...]:
        """Our names."""
        return (self.ours,) if isinstance(self.ours, str) else self.ours


@dataclass(frozen=True)
class Layout:
    """Rows tried in order; the first that fits a name renames it."""

    rows: tuple[Row, ...]

    def to_ours(self, name: str) -> tuple[str, ...]:
        """Our names for one of theirs, several if it holds several of ours; none if no row fits."""
        return self._inward_of(name)[1]

    def to_theirs(self, name: str) -> str | None:
        """Their name for one of ours; None if no row fits."""
        return self._outward_of(name)[2]

    def fits(self, names: Iterable[str]) -> bool:
        """Whether any of the names is one of theirs."""
        return any(self.to_ours(name) for name in names)

    def read(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """The tensors under our names; those that no row fits keep theirs. Nothing is read or copied before its use.

        Raises DamagedFile if two would have the same name, or one cannot be cut into its parts.
        """
        return _Reshaped(with_header(tensors), self._sources_inward(tensors))

    def written(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """The tensors under their names: undoes `read`. Parts whose siblings are missing keep our names."""
        return _Reshaped(with_header(tensors), self._sources_outward(tensors))

    def _sources_inward(self, names: Iterable[str]) -> Iterator[tuple[str, "_Source"]]:
        for name in names:
            row, ours = self._inward_of(name)
            for index, part in enumerate(ours):
                yield part, _Source((name,), index, len(ours), row, inward=True)
            if row is None:
                yield name, _Source((name,))

    def _sources_outward(self, names: Iterable[str]) -> Iterator[tuple[str, "_Source"]]:
        known = set(names)
        for name in names:
            row, index, theirs = self._outward_of(name)
            siblings = self.to_ours(theirs) if row and theirs and len(row.parts) > 1 else (name,)
            if row is None or theirs is None or not known.issuperset(siblings):
                yield name, _Source((name,))
            elif index == 0:
                yield theirs, _Source(siblings, row=row)

    def _inward_of(self, name: str) -> tuple[Row | None, tuple[str, ...]]:
        for row, pattern in self._inward:
            if found := pattern.fullmatch(name):
                return row, tuple(part.format(**found.groupdict()) for part in row.parts)
        return None, ()

    def _outward_of(self, name: str) -> tuple[Row | None, int, str | None]:
        """The row that fits, which of its parts the name is, and their name."""
        for row, index, pattern in self._outward:
            if found := pattern.fullmatch(name):
                return row, index, row.theirs.format(**found.groupdict())
        return None, 0, None

    @cached_property
    def _inward(self) -> list[tuple[Row, re.Pattern[str]]]:
        return [(row, _pattern(row.theirs)) for row in self.rows]

    @cached_property
    def _outward(self) -> list[tuple[Row, int, re.Pattern[str]]]:
        return [(row, index, _pattern(part)) for row in self.rows for index, part in enumerate(row.parts)]


@dataclass(frozen=True)
class SizedLayout:
    """A layout whose rows depend on the depth of the network: ``rows_for`` makes them from names in either layout."""

    rows_for: Callable[[Collection[str]], tuple[Row, ...]]

    def of(self, names: Collection[str]) -> Layout:
        """The layout of a network with tensors of these names."""
        return Layout(self.rows_for(names))

    def fits(self, names: Iterable[str]) -> bool:
        """Whether any of the names is one of theirs."""
        names = list(names)
        return self.of(names).fits(names)

    def read(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """As `Layout.read`."""
        return self.of(tensors.keys()).read(tensors)

    def written(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """As `Layout.written`."""
        return self.of(tensors.keys()).written(tensors)


@dataclass(frozen=True)
class _Source:
    """Where a tensor comes from: several joined, or one part of several, then changed as the row says."""

    names: tuple[str, ...]
    index: int = 0
    count: int = 1
    row: Row | None = None
    inward: bool = False

    def shape(self, entries: Mapping[str, Entry]) -> tuple[int, ...]:
        """What comes out. Raises DamagedFile if it cannot be made of these."""
        first, *others = [entries[name].shape for name in self.names]
        rows = first[0] if first else 0
        if others:
            return (rows + sum(shape[0] for shape in others), *first[1:])
        if self.count > 1:
            if rows == 0 or rows % self.count:
                raise refusal("tensor_invalid", f"{shown(self.names[0])} of shape {first} is not {self.count} in one")
            return (rows // self.count, *first[1:])
        if self.row and self.row.turned and len(first) == 2:
            return first[::-1]
        if self.row and self.row.pointwise:
            if self.inward and len(first) == 2:
                return (*first, 1, 1)
            if not self.inward and len(first) == 4:
                return first[:2]
        return first


class _Reshaped(Tensors):
    """A file's tensors by way of a layout."""

    def __init__(self, tensors: Tensors, sources: Iterable[tuple[str, _Source]]) -> None:
        self._tensors = tensors
        self._sources = dict[str, _Source]()
        entries = dict[str, Entry]()
        for name, source in sources:
            if name in self._sources:
                raise refusal("tensor_invalid", f"has two tensors that both are {shown(name)}")
            self._sources[name] = source
            entries[name] = Entry(tensors.header.entries[source.names[0]].dtype, source.shape(tensors.header.entries))
        super().__init__(Header(entries, tensors.header.metadata))

    def __getitem__(self, name: str) -> Tensor:
        source = self._sources[name]
        first = source.names[0]
        if len(source.names) > 1:
            return torch.cat([self._tensors[part] for part in source.names])
        if source.count > 1:
            return self._tensors.piece(first, source.index, source.count)
        tensor = self._tensors[first]
        if source.row and source.row.turned and tensor.ndim == 2:
            return tensor.T
        return tensor.reshape(self.header.entries[name].shape)

    def piece(self, name: str, index: int, count: int) -> Tensor:
        source = self._sources[name]
        if len(source.names) == count > 1:
            return self._tensors[source.names[index]]  # what would be joined only to be cut again
        return super().piece(name, index, count)


def _pattern(name: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", name)
    return re.compile(
        "".join(
            re.escape(part) if i % 2 == 0 else rf"(?P<{part}>{'.+' if part == 'rest' else '[0-9]+'})"
            for i, part in enumerate(parts)
        )
    )
