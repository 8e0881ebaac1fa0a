"""Named tensors that are read when they are asked for, and a header that tells of them without reading."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor


@dataclass(frozen=True)
class Entry:
    """One tensor of a file; its bytes lie between ``begin`` and ``end`` from the start of the file that has it."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    begin: int = 0
    end: int = 0


@dataclass(frozen=True)
class Header:
    """What a file holds, as far as can be told without reading weights."""

    entries: Mapping[str, Entry]
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        return {name: entry.shape for name, entry in self.entries.items()}

    @cached_property
    def dtypes(self) -> Mapping[str, torch.dtype]:
        return {name: entry.dtype for name, entry in self.entries.items()}


if TYPE_CHECKING:
    _Named = Mapping[str, Tensor]
else:
    _Named = Mapping  # a checker of types at run time would read a tensor to look at it


class Tensors(_Named):
    """Tensors by name with their header. Nothing is read before it is asked for, and nothing read is kept."""

    def __init__(self, header: Header) -> None:
        self.header = header

    def __getitem__(self, name: str) -> Tensor:
        raise NotImplementedError

    def piece(self, name: str, index: int, count: int) -> Tensor:
        """The rows of a tensor cut into ``count`` equal parts: the one at ``index``."""
        rows = self.header.entries[name].shape[0] // count
        return self[name][index * rows : (index + 1) * rows]

    def __contains__(self, name: object) -> bool:
        return name in self.header.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.header.entries)

    def __len__(self) -> int:
        return len(self.header.entries)


class Held(Tensors):
    """Tensors that are in memory already."""

    def __init__(self, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> None:
        entries = {name: Entry(tensor.dtype, tuple(tensor.shape)) for name, tensor in tensors.items()}
        super().__init__(Header(entries, dict(metadata or {})))
        self._tensors = tensors

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[name]


class Renamed(Tensors):
    """Some of a file's tensors under other names: ``names`` maps each new name to the one it has there."""

    def __init__(self, tensors: Tensors, names: Mapping[str, str], metadata: Mapping[str, str] | None = None) -> None:
        entries = {new: tensors.header.entries[name] for new, name in names.items()}
        super().__init__(Header(entries, tensors.header.metadata if metadata is None else metadata))
        self._tensors = tensors
        self._names = names

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[self._names[name]]

    def piece(self, name: str, index: int, count: int) -> Tensor:
        return self._tensors.piece(self._names[name], index, count)


class Section(Renamed):
    """The tensors whose names start with ``prefix``, by what follows it."""

    def __init__(self, tensors: Mapping[str, Tensor], prefix: str) -> None:
        names = {name.removeprefix(prefix): name for name in tensors if name.startswith(prefix)}
        super().__init__(with_header(tensors), names)


class Joined(Tensors):
    """Several files as one; a name that two of them have is the later one's."""

    def __init__(self, parts: list[Tensors], metadata: Mapping[str, str] | None = None) -> None:
        merged = {key: value for part in parts for key, value in part.header.metadata.items()}
        entries = {name: entry for part in parts for name, entry in part.header.entries.items()}
        super().__init__(Header(entries, merged if metadata is None else metadata))
        self._homes = {name: part for part in parts for name in part}

    def __getitem__(self, name: str) -> Tensor:
        return self._homes[name][name]

    def piece(self, name: str, index: int, count: int) -> Tensor:
        return self._homes[name].piece(name, index, count)


def with_header(tensors: Mapping[str, Tensor]) -> Tensors:
    """The same tensors; a header is made where there is none."""
    return tensors if isinstance(tensors, Tensors) else Held(tensors)
