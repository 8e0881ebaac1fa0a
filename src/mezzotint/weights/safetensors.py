"""Reading safetensors files: a strict header parser and tensors mapped into memory, one parser for both.

Format: 8 bytes little-endian header length, that much JSON, then the tensors' bytes without gaps
(https://huggingface.co/docs/safetensors, "Format").
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from mezzotint.errors import DamagedFile, ModelFileError, UnsafeFile

DTYPES: Mapping[str, torch.dtype] = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U64": torch.uint64,
    "U32": torch.uint32,
    "U16": torch.uint16,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
"""The format's names of number types."""

_LENGTH_BYTES = 8
_HEADER_MAX_BYTES = 100_000_000  # the reference implementation's limit
_AXES_MAX = 16
_DOWNLOAD_AGAIN = "download or copy it again"


@dataclass(frozen=True)
class Entry:
    """One tensor of a file; its bytes are ``begin`` to ``end`` from the start of the file."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """What a file holds, as its first bytes tell; no weights are read for it."""

    entries: Mapping[str, Entry]
    metadata: Mapping[str, str]

    @cached_property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        return {name: entry.shape for name, entry in self.entries.items()}

    @cached_property
    def dtypes(self) -> Mapping[str, torch.dtype]:
        return {name: entry.dtype for name, entry in self.entries.items()}


def read_header(path: Path) -> Header:
    """The header, checked against itself and the file's size.

    Raises DamagedFile if the file is cut short or not what its name says, UnsafeFile for a pickle, ModelFileError if it
    cannot be opened.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(_LENGTH_BYTES)
            length = int.from_bytes(start, "little")
            if len(start) < _LENGTH_BYTES or length > min(_HEADER_MAX_BYTES, size - _LENGTH_BYTES):
                raise _not_safetensors(path, start + file.read(64), size)
            raw = file.read(length)
    except OSError as error:
        raise ModelFileError(f"cannot open {path}: {error.strerror}", hint="check the path and its rights") from error
    if not raw.startswith(b"{"):
        raise _not_safetensors(path, start + raw[:64], size)
    return _checked_header(path, raw, size)


def open_tensors(path: Path) -> Mapping[str, Tensor]:
    """The file's tensors by name, mapped into memory: bytes are read when they are first used.

    The map is private, so that writing to a tensor does not change the file. Raises as `read_header` does.
    """
    return _MappedTensors(path, read_header(path))


class _MappedTensors(Mapping[str, Tensor]):
    """Views of one memory map, made when asked for."""

    def __init__(self, path: Path, header: Header) -> None:
        self._entries = header.entries
        self._bytes = torch.from_file(str(path), shared=False, size=path.stat().st_size, dtype=torch.uint8)

    def __getitem__(self, name: str) -> Tensor:
        entry = self._entries[name]
        part = self._bytes[entry.begin : entry.end]
        if entry.begin % entry.dtype.itemsize:  # a view must start at a multiple of its item's size
            part = part.clone()
        return part.view(entry.dtype).view(entry.shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _checked_header(path: Path, raw: bytes, size: int) -> Header:
    try:
        table = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"{path.name}: the header is not JSON: {error}", hint=_DOWNLOAD_AGAIN) from error
    if not isinstance(table, dict):
        raise DamagedFile(f"{path.name}: the header is not a table", hint=_DOWNLOAD_AGAIN)
    rows = cast(dict[str, Any], table)  # Any: JSON from outside, checked row by row below
    metadata: Any = rows.pop("__metadata__", None) or {}  # Any: checked in the next line
    if not isinstance(metadata, dict):
        raise DamagedFile(f"{path.name}: the metadata is not a table", hint=_DOWNLOAD_AGAIN)
    data = _LENGTH_BYTES + len(raw)
    entries = {name: _entry(path, name, row, data) for name, row in rows.items()}
    end = data
    for entry in sorted(entries.values(), key=lambda entry: (entry.begin, entry.end)):
        if entry.begin != end:
            raise DamagedFile(f"{path.name}: tensors overlap or leave a gap at byte {end}", hint=_DOWNLOAD_AGAIN)
        end = entry.end
    if end != size:
        short = f"cut short: {size:,} bytes of {end:,}" if size < end else f"{size - end:,} bytes too long"
        raise DamagedFile(f"{path.name} is {short}", hint=_DOWNLOAD_AGAIN)
    texts = {str(key): str(value) for key, value in cast(dict[Any, Any], metadata).items()}  # Any: as above
    return Header(entries=entries, metadata=texts)


def _entry(path: Path, name: str, row: Any, data: int) -> Entry:  # Any: JSON from outside
    match row:
        case {"dtype": str() as kind, "shape": [*shape], "data_offsets": [int() as begin, int() as end]}:
            pass
        case _:
            raise DamagedFile(f"{path.name}: no type, shape and place for {name!r}", hint=_DOWNLOAD_AGAIN)
    if kind not in DTYPES:
        raise ModelFileError(f"{path.name}: {name!r} has the unknown type {kind!r}", hint="update mezzotint")
    sides = [side for side in shape if type(side) is int and side >= 0]
    if len(sides) != len(shape) or len(sides) > _AXES_MAX:
        raise DamagedFile(f"{path.name}: {name!r} has the impossible shape {shape}", hint=_DOWNLOAD_AGAIN)
    if begin < 0 or end - begin != math.prod(sides) * DTYPES[kind].itemsize:
        raise DamagedFile(f"{path.name}: {name!r} does not fit its {end - begin} bytes", hint=_DOWNLOAD_AGAIN)
    return Entry(dtype=DTYPES[kind], shape=tuple(sides), begin=data + begin, end=data + end)


def _not_safetensors(path: Path, start: bytes, size: int) -> ModelFileError:
    """What the file is instead, as far as its first bytes show."""
    if start.startswith((b"PK\x03\x04", b"\x80")):
        return UnsafeFile(
            f"{path.name} is a pickled checkpoint, which could run code when opened",
            hint="use the .safetensors version of this model",
        )
    if start.startswith(b"version https://git-lfs"):
        return DamagedFile(f"{path.name} is a Git LFS pointer, not the model", hint="fetch it with `git lfs pull`")
    if start.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return DamagedFile(f"{path.name} is a web page, not a model", hint="the download link needs a log-in")
    if start.startswith(b"GGUF"):
        return DamagedFile(f"{path.name} is a GGUF file, not safetensors", hint="use the .safetensors version")
    what = "is empty" if size == 0 else "is cut short or not a safetensors file"
    return DamagedFile(f"{path.name} {what} ({size:,} bytes)", hint=_DOWNLOAD_AGAIN)
