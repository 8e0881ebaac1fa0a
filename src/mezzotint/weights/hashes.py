"""Hashes by which the world names model files, remembered per file so that each is read once."""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

_SHORT_DIGITS = 10  # "AutoV2": how infotext and model sites write it


def sha256(path: Path) -> str:
    """The sha256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def short_hash(digest: str) -> str:
    """The first 10 hex digits: ``Model hash`` in infotext."""
    return digest[:_SHORT_DIGITS]


def remembered_sha256(path: Path, memory: Path) -> str:
    """As `sha256`, from the JSON file ``memory`` if the model file has the size and time it had then."""
    stat = path.stat()
    key, stamp = str(path.resolve()), [stat.st_size, stat.st_mtime_ns]
    known = _read(memory)
    match known.get(key):
        case {"stamp": seen, "sha256": str() as digest} if seen == stamp:
            return digest
        case _:
            digest = sha256(path)
    _write(memory, {**_read(memory), key: {"stamp": stamp, "sha256": digest}})
    return digest


def _read(memory: Path) -> dict[str, Any]:  # Any: whatever the file holds; a damaged memory is an empty one
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast(dict[str, Any], known) if isinstance(known, dict) else {}


def _write(memory: Path, known: dict[str, Any]) -> None:
    partial = memory.with_name(f".{memory.name}.{os.getpid()}.tmp")
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(known, indent=1), encoding="utf-8")
        partial.replace(memory)
    except OSError:  # a home that cannot be written to only costs the time to hash again
        with suppress(OSError):
            partial.unlink()
