"""Hashes by which the world names model files, remembered per file so that each is read once.

Model sites call them AutoV2 (`short_hash`), AutoV1 (`legacy_hash`) and AutoV3 (`data_hash`).
"""

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal, TypeAlias

from mezzotint.errors import ModelFileError
from mezzotint.weights.folders import weight_files
from mezzotint.weights.safetensors import read_header

log = logging.getLogger(__name__)

Kind: TypeAlias = Literal["sha256", "legacy", "data"]

_SHORT_DIGITS, _ADAPTER_DIGITS, _LEGACY_DIGITS = 10, 12, 8
_LEGACY_FROM, _LEGACY_BYTES = 0x100000, 0x10000
_WAIT_S = 10.0  # for others who write to the same memory


def sha256(path: Path) -> str:
    """The sha256 of a file in hex; of a folder, that of its weight files' hashes in their order."""
    if path.is_dir():
        lines = [f"{sha256(file)} {file.relative_to(path).as_posix()}\n" for file in weight_files(path)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def short_hash(digest: str) -> str:
    """The first 10 hex digits of a file's sha256: ``Model hash`` and ``VAE hash`` in infotext."""
    return digest[:_SHORT_DIGITS]


def legacy_hash(path: Path) -> str:
    """8 hex digits of the sha256 of 64 KiB that begin at 1 MiB: the name of models in old infotext."""
    if path.is_dir():
        return legacy_hash(weight_files(path)[0])
    with path.open("rb") as file:
        file.seek(_LEGACY_FROM)
        return hashlib.sha256(file.read(_LEGACY_BYTES)).hexdigest()[:_LEGACY_DIGITS]


def data_hash(path: Path) -> str:
    """The sha256 of a safetensors file's tensors without its header, in hex; of any other file, of all of it."""
    with path.open("rb") as file:
        start = file.read(9)
        length = int.from_bytes(start[:8], "little")
        if start[8:] != b"{" or length > path.stat().st_size:
            return sha256(path)
        file.seek(8 + length)
        return hashlib.file_digest(file, "sha256").hexdigest()


def adapter_hash(path: Path, memory: Path) -> str:
    """12 hex digits by which infotext names an adapter: as its trainer wrote it into the file, or of its tensors."""
    try:
        told = read_header(path).metadata.get("sshs_model_hash", "")
    except ModelFileError:  # not safetensors: no metadata
        told = ""
    return (told or remembered(path, memory, "data"))[:_ADAPTER_DIGITS]


def remembered_sha256(path: Path, memory: Path) -> str:
    """As `sha256`, from ``memory`` if the file has the size and time it had then."""
    return remembered(path, memory, "sha256")


def remembered(path: Path, memory: Path, kind: Kind) -> str:
    """A hash of a file or folder, from the SQLite file ``memory`` if the file has the size and time it had then.

    Any number of processes may share the memory; one that is damaged is begun anew.
    """
    key, stamp = str(path.resolve()), _stamp(path)
    known = _in_memory(memory, lambda base: _known(base, key, kind, stamp))
    if known:
        return known
    digest = _HASHES[kind](path)
    if _stamp(path) == stamp:  # else it was written to meanwhile
        _in_memory(memory, lambda base: _keep(base, key, kind, stamp, digest))
    return digest


def _stamp(path: Path) -> str:
    """Sizes and times of the files, as far as they tell a change."""
    files = weight_files(path) if path.is_dir() else [path]
    found = [(file, file.stat()) for file in files]
    return " ".join(f"{file.name} {stat.st_size} {stat.st_mtime_ns}" for file, stat in found)


def _in_memory(memory: Path, work: Callable[[sqlite3.Connection], str]) -> str:
    """What ``work`` gives in the memory; "" if none is to be had, which only costs the time to hash again."""
    for _ in range(2):
        try:
            memory.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(memory, timeout=_WAIT_S)) as base, base:
                base.execute(_TABLE)
                return work(base)
        except (sqlite3.OperationalError, OSError):  # no room, no right, or others who do not let go of it
            return ""
        except sqlite3.DatabaseError as error:
            log.warning("the memory of hashes at %s is damaged (%s); it is begun anew", memory, error)
            with suppress(OSError):
                memory.unlink()
    return ""


def _known(base: sqlite3.Connection, key: str, kind: Kind, stamp: str) -> str:
    query = "SELECT digest FROM hashes WHERE path = ? AND kind = ? AND stamp = ?"
    row: tuple[str] | None = base.execute(query, (key, kind, stamp)).fetchone()
    return row[0] if row else ""


def _keep(base: sqlite3.Connection, key: str, kind: Kind, stamp: str, digest: str) -> str:
    base.execute("INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?)", (key, kind, stamp, digest))
    return digest


_TABLE = """
CREATE TABLE IF NOT EXISTS hashes (
    path TEXT NOT NULL, kind TEXT NOT NULL, stamp TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (path, kind)
)
"""
_HASHES: Mapping[Kind, Callable[[Path], str]] = {"sha256": sha256, "legacy": legacy_hash, "data": data_hash}
