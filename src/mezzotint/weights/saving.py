"""Writing safetensors files so that a file is either whole or not there, one tensor at a time.

Format: see `mezzotint.weights.safetensors`. Wide numbers come first and the header is padded with spaces, so that every
tensor lies where a memory map can view it, as the reference implementation does.
"""

import json
import math
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from mezzotint.errors import RequestError, ResourceError
from mezzotint.weights.safetensors import DTYPES
from mezzotint.weights.tensors import Tensors, with_header

_KINDS: Mapping[torch.dtype, str] = {dtype: kind for kind, dtype in DTYPES.items()}
_ALIGNMENT = 8


def save(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> None:
    """Write the tensors; an existing file is replaced at once and whole, and is on disk when this returns.

    Tensors that are read when asked for are held one at a time. Raises ResourceError if the disk refuses, RequestError
    for numbers that the format does not know.
    """
    source = with_header(tensors)
    names = sorted(source, key=lambda name: (-source.header.dtypes[name].itemsize, name))
    header = _header(source, names, metadata or {})
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            for name in names:
                _write(file, source[name])
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise ResourceError(f"cannot write {path}: {error.strerror or error}", hint="check room and rights") from error
    finally:
        with suppress(OSError):  # gone already, if all went well
            partial.unlink()


def _header(source: Tensors, names: list[str], metadata: Mapping[str, str]) -> bytes:
    rows: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name in names:
        entry = source.header.entries[name]
        if entry.dtype not in _KINDS:
            raise RequestError(f"{name!r} is of {entry.dtype}, which a safetensors file cannot hold")
        begin, end = end, end + math.prod(entry.shape) * entry.dtype.itemsize
        rows[name] = {"dtype": _KINDS[entry.dtype], "shape": list(entry.shape), "data_offsets": [begin, end]}
    raw = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return raw + b" " * (-len(raw) % _ALIGNMENT)


def _write(file: BinaryIO, tensor: Tensor) -> None:
    numbers = tensor.detach().cpu().contiguous().reshape(-1)
    if numbers.numel():
        file.write(numbers.view(torch.uint8).numpy().data)


def _sync_folder(folder: Path) -> None:
    """Put the new name on disk too, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
