"""Reading safetensors files: a strict header parser and tensors mapped into memory, one parser for both.

Format: 8 bytes little-endian header length, that much JSON, then the tensors' bytes without gaps
(https://huggingface.co/docs/safetensors, "Format").
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from mezzotint.weights.faults import is_sane_name, naming, refusal, shown
from mezzotint.weights.mapping import MappedFile
from mezzotint.weights.pickles.opening import looks_pickled
from mezzotint.weights.sniffing import no_model
from mezzotint.weights.tensors import Entry, Header, Tensors

__all__ = ["DTYPES", "Entry", "Header", "looks_like_safetensors", "open_tensors", "read_header"]

DTYPES: Mapping[str, torch.dtype] = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "F8_E8M0": torch.float8_e8m0fnu,
    "C64": torch.complex64,
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
_TENSORS_MAX = 50_000
_AXES_MAX = 8
_NUMBERS_MAX = 2**48  # of a tensor, empty axes aside: products stay far from overflow
_TEXT_MAX = 4 * 2**20  # of one value of the metadata, in characters; longer ones are left out


def read_header(path: Path) -> Header:
    """The header, checked against itself and the file's size.

    Raises DamagedFile if the file is cut short or not what its name says, UnsafeFile for a pickle, ModelFileError if it
    cannot be opened.
    """
    with naming(path):
        return _header(MappedFile(path))


def open_tensors(path: Path) -> Tensors:
    """The file's tensors by name, mapped into memory: bytes are read when they are first used.

    The map is private, so that writing to a tensor does not change the file. Raises as `read_header` does.
    """
    with naming(path):
        file = MappedFile(path)
        return _MappedTensors(file, _header(file))


def looks_like_safetensors(start: bytes, size: int) -> bool:
    """Whether a file of ``size`` bytes that starts so is meant to be one."""
    return start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= min(_HEADER_MAX_BYTES, size - _LENGTH_BYTES)


class _MappedTensors(Tensors):
    """Views of one memory map, made when asked for."""

    def __init__(self, file: MappedFile, header: Header) -> None:
        super().__init__(header)
        self._file = file

    def __getitem__(self, name: str) -> Tensor:
        entry = self.header.entries[name]
        return self._file.tensor(entry.begin, entry.end, entry.dtype).view(entry.shape)


def _header(file: MappedFile) -> Header:
    start = file.read(0, 16)
    if looks_pickled(start):
        raise refusal("container_refused", "is a pickled checkpoint, which could run code when opened")
    if not looks_like_safetensors(start, file.size):
        raise no_model(file)
    raw = file.read(_LENGTH_BYTES, _LENGTH_BYTES + int.from_bytes(start[:_LENGTH_BYTES], "little"))
    if raw.count(b'"data_offsets"') > _TENSORS_MAX:
        raise refusal("limit_exceeded", f"has more than {_TENSORS_MAX:,} tensors")
    return _checked_header(raw, file.size)


def _checked_header(raw: bytes, size: int) -> Header:
    try:
        table = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise refusal("header_invalid", f"the header is not JSON: {shown(str(error))[1:-1]}") from error
    if not isinstance(table, dict):
        raise refusal("header_invalid", "the header is not a table")
    rows = cast(dict[str, Any], table)  # Any: JSON from outside, checked row by row below
    metadata: Any = rows.pop("__metadata__", None) or {}  # Any: checked in the next line
    if not isinstance(metadata, dict):
        raise refusal("header_invalid", "the metadata is not a table")
    data = _LENGTH_BYTES + len(raw)
    entries = {name: _entry(name, row, data) for name, row in rows.items()}
    end = data
    for entry in sorted(entries.values(), key=lambda entry: (entry.begin, entry.end)):
        if entry.begin != end:
            raise refusal("header_invalid", f"tensors overlap or leave a gap at byte {end}")
        end = entry.end
    if size < end:
        raise refusal("truncated", f"is cut short: {size:,} bytes of {end:,}")
    if size > end:
        raise refusal("header_invalid", f"is {size - end:,} bytes too long")
    texts = {str(key): str(value) for key, value in cast(dict[Any, Any], metadata).items()}  # Any: as above
    return Header(entries, {key: text for key, text in texts.items() if len(text) <= _TEXT_MAX})


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:  # Any: JSON from outside
    """A table of JSON. Of two rows with one name, programs disagree which one counts."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name stands there twice")
    return table


def _entry(name: str, row: Any, data: int) -> Entry:  # Any: JSON from outside
    match row:
        case {"dtype": str() as kind, "shape": [*shape], "data_offsets": [int() as begin, int() as end], **others} if (
            not others
        ):
            pass
        case _:
            raise refusal("header_invalid", f"has no type, shape and place for {shown(name)}, or more than these")
    if not is_sane_name(name):
        raise refusal("header_invalid", f"has a tensor of the name {shown(name)}")
    if kind not in DTYPES:
        raise refusal("header_invalid", f"{shown(name)} has the unknown type {shown(kind)}", hint="update mezzotint")
    sides = [side for side in shape if type(side) is int and side >= 0]
    if len(sides) != len(shape) or len(sides) > _AXES_MAX or math.prod(side or 1 for side in sides) > _NUMBERS_MAX:
        raise refusal("header_invalid", f"{shown(name)} has the impossible shape {shown(str(shape))[1:-1]}")
    if begin < 0 or end - begin != math.prod(sides) * DTYPES[kind].itemsize:
        raise refusal("header_invalid", f"{shown(name)} does not fit its {end - begin} bytes")
    return Entry(dtype=DTYPES[kind], shape=tuple(sides), begin=data + begin, end=data + end)
