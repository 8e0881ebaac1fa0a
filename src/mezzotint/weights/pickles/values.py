"""What lies on the stack of the machine beside plain data: inert stand-ins, none of which does anything."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import torch

from mezzotint.errors import FileFault, ModelFileError
from mezzotint.weights.faults import refusal

Arguments: TypeAlias = tuple[object, ...]
"""What a stream hands to something it calls."""


@dataclass(frozen=True, eq=False)
class Named:
    """A global of the vocabulary. ``make`` is what calling it gives; ``dtype`` is the number type it is, if it is."""

    name: str
    make: Callable[[Arguments], object] | None = None
    dtype: torch.dtype | None = None


@dataclass(frozen=True, eq=False)
class Storage:
    """A run of numbers outside the stream. ``dtype`` is None where ``count`` is of bare bytes."""

    key: str
    dtype: torch.dtype | None
    count: int

    @property
    def size(self) -> int:
        """In bytes."""
        return self.count * (self.dtype.itemsize if self.dtype else 1)


@dataclass(frozen=True, eq=False)
class TensorView:
    """A tensor as a pickle describes it: numbers of a storage. Offset and strides count numbers."""

    storage: Storage
    dtype: torch.dtype
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def begin(self) -> int:
        """First byte in the storage."""
        return self.offset * self.dtype.itemsize

    @property
    def end(self) -> int:
        """One past the last byte in the storage."""
        return (self.offset + reach(self.shape, self.strides)) * self.dtype.itemsize


@dataclass(eq=False)
class NumpyKind:
    """A numpy type of plain numbers."""

    code: str
    dtype: torch.dtype


@dataclass(eq=False)
class NumpyArray:
    """An array whose bytes lie in the stream itself."""

    dtype: torch.dtype = torch.uint8
    shape: tuple[int, ...] = (0,)
    data: bytes = field(default=b"", repr=False)

    def tensor(self) -> torch.Tensor:
        if not self.data:
            return torch.empty(self.shape, dtype=self.dtype)
        return torch.frombuffer(bytearray(self.data), dtype=self.dtype).view(self.shape)


class ParameterTable(dict[object, object]):
    """A ParameterDict; its state fills it."""


class Inert:
    """Something that is of no use here: a set, a device."""


def reach(shape: tuple[int, ...], strides: tuple[int, ...]) -> int:
    """How many numbers from a tensor's first to its last, both counted."""
    if 0 in shape:
        return 0
    return 1 + sum((side - 1) * step for side, step in zip(shape, strides, strict=True))


def wholes(values: object) -> tuple[int, ...] | None:
    """A tuple of whole numbers that are not negative; None for anything else."""
    if not isinstance(values, tuple):
        return None
    given = cast(tuple[object, ...], values)
    found = tuple(value for value in given if type(value) is int and value >= 0)
    return found if len(found) == len(given) else None


def checked_key(key: object) -> object:
    """A key for a table, if it is of a kind that hashes fast and compares plainly. Raises ModelFileError."""
    is_whole = type(key) is int and abs(key) < 2**63  # longer ones can be chosen so that they collide
    if is_whole or key is None or isinstance(key, (str, bytes, bool, Named)):
        return key
    raise refusal("type_mismatch", f"has a {type(key).__name__} as a key")


def misused(name: str, fault: FileFault = "type_mismatch") -> ModelFileError:
    """The error for arguments that no saved model gives to ``name``."""
    return refusal(fault, f"calls {name} with arguments that no saved model has")
