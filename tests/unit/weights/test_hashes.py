"""Hashes are right, and a file is read for them only once."""

import hashlib
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import torch

from mezzotint.weights.hashes import (
    adapter_hash,
    data_hash,
    legacy_hash,
    remembered,
    remembered_sha256,
    sha256,
    short_hash,
)
from mezzotint.weights.saving import save

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
    memory = tmp_path / "cache" / "hashes.sqlite"
    first = remembered_sha256(file, memory)
    stamp = file.stat().st_mtime_ns
    file.write_bytes(b"xyz")  # a change that neither size nor time shows
    os.utime(file, ns=(stamp, stamp))

    assert remembered_sha256(file, memory) == first == OF_ABC


def test_a_changed_file_is_hashed_anew(file: Path, tmp_path: Path) -> None:
    memory = tmp_path / "hashes.sqlite"
    remembered_sha256(file, memory)
    file.write_bytes(b"other")

    assert remembered_sha256(file, memory) == sha256(file) != OF_ABC


@pytest.mark.parametrize("content", ["{cut", "[]", "SQLite format 3", "\udcff" * 5000])
def test_a_damaged_memory_is_begun_anew(file: Path, tmp_path: Path, content: str) -> None:
    memory = tmp_path / "hashes.sqlite"
    memory.write_text(content, encoding="utf-8", errors="surrogateescape")

    assert remembered_sha256(file, memory) == OF_ABC
    stamp = file.stat().st_mtime_ns
    file.write_bytes(b"xyz")
    os.utime(file, ns=(stamp, stamp))
    assert remembered_sha256(file, memory) == OF_ABC


def test_a_memory_that_cannot_be_written_is_done_without(file: Path) -> None:
    assert remembered_sha256(file, file / "no folder" / "hashes.sqlite") == OF_ABC


def test_writers_at_one_time_forget_nothing_of_each_other(tmp_path: Path) -> None:
    memory = tmp_path / "hashes.sqlite"
    paths = [tmp_path / f"{index}" for index in range(24)]
    for path in paths:
        path.write_text(path.name)

    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(lambda path: remembered_sha256(path, memory), paths))

    assert digests == [hashlib.sha256(path.name.encode()).hexdigest() for path in paths]
    with closing(sqlite3.connect(memory)) as base:
        assert base.execute("SELECT count(*) FROM hashes").fetchone() == (24,)


def test_the_old_hash_is_of_64_kib_after_the_first_mib(tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    middle = bytes(range(256)) * 256
    path.write_bytes(bytes(0x100000) + middle + b"more")

    assert legacy_hash(path) == hashlib.sha256(middle).hexdigest()[:8]


def test_the_old_hash_of_a_short_file_is_that_of_nothing(file: Path) -> None:
    assert legacy_hash(file) == "e3b0c442"


def test_the_hash_of_the_data_leaves_out_the_header(tmp_path: Path) -> None:
    one, other = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    save(one, {"x": torch.arange(5.0)}, {"title": "one"})
    save(other, {"x": torch.arange(5.0)}, {"title": "another, with more to say"})

    assert data_hash(one) == data_hash(other) == hashlib.sha256(torch.arange(5.0).numpy().tobytes()).hexdigest()
    assert sha256(one) != sha256(other)


def test_the_hash_of_the_data_of_other_files_is_that_of_all(file: Path) -> None:
    assert data_hash(file) == OF_ABC


def test_an_adapter_is_named_as_its_trainer_wrote_or_by_its_data(tmp_path: Path) -> None:
    told, plain, memory = tmp_path / "told.safetensors", tmp_path / "plain.safetensors", tmp_path / "hashes.sqlite"
    save(told, {"x": torch.zeros(1)}, {"sshs_model_hash": "0123456789abcdef" * 4})
    save(plain, {"x": torch.zeros(1)})

    assert adapter_hash(told, memory) == "0123456789ab"
    assert adapter_hash(plain, memory) == data_hash(plain)[:12]


def test_a_folder_has_a_hash_of_its_weights(tmp_path: Path) -> None:
    folder, memory = tmp_path / "model", tmp_path / "hashes.sqlite"
    save(folder / "unet" / "diffusion_pytorch_model.safetensors", {"x": torch.zeros(1)})
    (folder / "model_index.json").write_text("{}")
    first = remembered_sha256(folder, memory)
    (folder / "README.md").write_text("words change nothing")
    assert remembered_sha256(folder, memory) == sha256(folder) == first

    save(folder / "unet" / "diffusion_pytorch_model.safetensors", {"x": torch.ones(1)})

    assert remembered_sha256(folder, memory) != first


def test_each_kind_of_hash_is_remembered_for_itself(file: Path, tmp_path: Path) -> None:
    memory = tmp_path / "hashes.sqlite"

    assert remembered(file, memory, "sha256") == OF_ABC
    assert remembered(file, memory, "legacy") == "e3b0c442"
    assert remembered(file, memory, "sha256") == OF_ABC
