"""Hashes are right, and a file is read for them only once."""

import os
from pathlib import Path

import pytest

from mezzotint.weights.hashes import remembered_sha256, sha256, short_hash

OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, appendix B.1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    path.write_bytes(b"abc")
    return path


def test_the_hash_is_sha256(file: Path) -> None:
    assert sha256(file) == OF_ABC
    assert short_hash(sha256(file)) == "ba7816bf8f"


def test_a_file_that_did_not_change_is_not_read_again(file: Path, tmp_path: Path) -> None:
    memory = tmp_path / "cache" / "hashes.json"
    first = remembered_sha256(file, memory)
    stamp = file.stat().st_mtime_ns
    file.write_bytes(b"xyz")  # a change that neither size nor time shows
    os.utime(file, ns=(stamp, stamp))

    assert remembered_sha256(file, memory) == first == OF_ABC


def test_a_changed_file_is_hashed_anew(file: Path, tmp_path: Path) -> None:
    memory = tmp_path / "hashes.json"
    remembered_sha256(file, memory)
    file.write_bytes(b"other")

    assert remembered_sha256(file, memory) == sha256(file) != OF_ABC


@pytest.mark.parametrize("content", ["{cut", "[]", '{"x": 1}', "\udcff"])
def test_a_damaged_memory_is_forgotten(file: Path, tmp_path: Path, content: str) -> None:
    memory = tmp_path / "hashes.json"
    memory.write_text(content, encoding="utf-8", errors="surrogateescape")

    assert remembered_sha256(file, memory) == OF_ABC
    assert OF_ABC in memory.read_text(encoding="utf-8")


def test_a_memory_that_cannot_be_written_is_done_without(file: Path) -> None:
    assert remembered_sha256(file, file / "no folder" / "hashes.json") == OF_ABC
