"""Headers and tensors equal those of the reference library; what is damaged is refused by name."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from mezzotint.errors import DamagedFile, ModelFileError, UnsafeFile
from mezzotint.weights.safetensors import DTYPES, open_tensors, read_header

TENSORS = {
    "half": torch.arange(6, dtype=torch.float16).reshape(2, 3),
    "whole": torch.tensor([[1, -2]], dtype=torch.int64),
    "single": torch.tensor(2.5),
    "none": torch.empty(0, 4),
    "brain": torch.tensor([1.5, 3.0], dtype=torch.bfloat16),
    "flags": torch.tensor([True, False, True]),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.safetensors"
    save_file(TENSORS, path, metadata={"title": "a test"})
    return path


def written(path: Path, header: Any, data: bytes = b"") -> Path:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(raw).to_bytes(8, "little") + raw + data)
    return path


def test_the_header_is_what_the_reference_library_reads(file: Path) -> None:
    header = read_header(file)

    with safe_open(file, framework="pt") as reference:
        assert set(header.shapes) == set(reference.keys())
        assert all(list(header.shapes[name]) == reference.get_slice(name).get_shape() for name in header.shapes)
        assert header.metadata == reference.metadata()
    assert header.dtypes == {name: tensor.dtype for name, tensor in TENSORS.items()}


def test_tensors_come_back_bit_for_bit(file: Path) -> None:
    tensors = open_tensors(file)

    assert len(tensors) == len(TENSORS)
    for name, tensor in TENSORS.items():
        assert torch.equal(tensors[name], tensor)
        assert tensors[name].dtype == tensor.dtype


def test_every_number_type_of_the_format_is_read(tmp_path: Path) -> None:
    for kind, dtype in DTYPES.items():
        row = {"x": {"dtype": kind, "shape": [1], "data_offsets": [0, dtype.itemsize]}}

        tensors = open_tensors(written(tmp_path / f"{kind}.safetensors", row, b"\1" * dtype.itemsize))

        assert tensors["x"].dtype == dtype


def test_writing_to_a_tensor_leaves_the_file_alone(file: Path) -> None:
    before = file.read_bytes()

    open_tensors(file)["half"].fill_(7)

    assert file.read_bytes() == before


def test_a_tensor_at_an_odd_place_is_read(tmp_path: Path) -> None:
    values = torch.tensor([1.0, 2.0])
    rows = {
        "byte": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
        "x": {"dtype": "F32", "shape": [2], "data_offsets": [1, 9]},
    }
    path = written(tmp_path / "odd.safetensors", rows, b"\0" + values.numpy().tobytes())

    assert torch.equal(open_tensors(path)["x"], values)


def test_a_file_cut_short_anywhere_is_damaged(file: Path) -> None:
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])

        with pytest.raises(DamagedFile):
            read_header(file)


def test_a_longer_file_is_damaged(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"more")

    with pytest.raises(DamagedFile, match="4 bytes too long"):
        read_header(file)


ROW: dict[str, Any] = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    "header",
    [
        b"{not json",
        b"[1, 2]",
        b"{" + b'"a":{' * 100_000,
        {"x": 3},
        {"x": {"dtype": "F32"}},
        {"x": ROW | {"shape": [-1]}},
        {"x": ROW | {"shape": [2.0]}},
        {"x": ROW | {"shape": [True, 2]}},
        {"x": ROW | {"shape": [1] * 40 + [2]}},
        {"x": ROW | {"shape": [3]}},
        {"x": ROW | {"data_offsets": [-8, 0]}},
        {"x": ROW | {"data_offsets": [8, 0]}},
        {"x": ROW, "y": ROW},
        {"x": ROW | {"shape": [1], "data_offsets": [4, 8]}},
        {"x": ROW, "__metadata__": "text"},
    ],
    ids=lambda header: str(header)[:60],
)
def test_a_header_that_cannot_be_true_is_refused(tmp_path: Path, header: Any) -> None:
    with pytest.raises(DamagedFile):
        read_header(written(tmp_path / "x.safetensors", header, b"\0" * 8))


def test_an_unknown_number_type_asks_for_an_update(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="'F3'") as caught:
        read_header(written(tmp_path / "x.safetensors", {"x": ROW | {"dtype": "F3"}}, b"\0" * 8))

    assert "update" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"PK\x03\x04" + b"\0" * 200, UnsafeFile, "pickled"),
        (b"\x80\x02}q\0" + b"\0" * 200, UnsafeFile, "pickled"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", DamagedFile, "LFS"),
        (b"<!DOCTYPE html><html>Log in</html>", DamagedFile, "web page"),
        (b"GGUF\3\0\0\0" + b"\0" * 200, DamagedFile, "GGUF"),
        (b"\x10" + b"\0" * 7 + b"nothing of the kind at all", DamagedFile, "not a safetensors file"),
        (b"", DamagedFile, "is empty"),
    ],
    ids=["zip", "pickle", "lfs", "html", "gguf", "noise", "empty"],
)
def test_other_kinds_of_files_are_told_by_what_they_are(
    tmp_path: Path, content: bytes, error: type[ModelFileError], words: str
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)

    with pytest.raises(error, match=words) as caught:
        read_header(path)

    assert "model.safetensors" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("place", [lambda folder: folder / "absent.safetensors", lambda folder: folder])
def test_what_cannot_be_opened_is_told(tmp_path: Path, place: Callable[[Path], Path]) -> None:
    with pytest.raises(ModelFileError, match=r"^.+: (cannot be opened: |is a folder)"):
        read_header(place(tmp_path))


@pytest.mark.parametrize("length", [0, 1, 7, 100_000_001, 2**63, 2**64 - 1])
def test_impossible_header_lengths_are_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + b"{}" + bytes(300))

    with pytest.raises(DamagedFile) as caught:
        read_header(path)

    assert caught.value.fault in ("header_invalid", "truncated")


PLAIN = json.dumps({"x": ROW})
HOSTILE = {
    "a name twice": (b'{"x": %b, "x": %b}' % (json.dumps(ROW).encode(), json.dumps(ROW).encode()), "header_invalid"),
    "metadata twice": (b'{"__metadata__": {}, "__metadata__": {}}', "header_invalid"),
    "spaces in front": (b"  " + PLAIN.encode(), "header_invalid"),
    "a mark in front": (PLAIN.encode("utf-8-sig"), "header_invalid"),
    "two bytes a letter": (PLAIN.encode("utf-16-le"), "header_invalid"),
    "not UTF-8": (b'{"\xff": 3}', "header_invalid"),
    "nothing": (b"null", "header_invalid"),
    "a name with a zero": ({"a\0b": ROW}, "header_invalid"),
    "a name like a path": ({"__class__.x": ROW}, "header_invalid"),
    "a long name": ({"x" * 100_000: ROW}, "header_invalid"),
    "more than it says": ({"x": ROW | {"more": 1}}, "header_invalid"),
    "a product that wraps": ({"x": ROW | {"shape": [2**32, 2**32]}}, "header_invalid"),
    "nothing, but huge": ({"x": ROW | {"shape": [0, 2**62], "data_offsets": [0, 0]}}, "header_invalid"),
    "a thousand axes": ({"x": ROW | {"shape": [1] * 1000}}, "header_invalid"),
    "offsets in words": ({"x": ROW | {"data_offsets": ["0", "8"]}}, "header_invalid"),
    "offsets with fractions": ({"x": ROW | {"data_offsets": [0.0, 8.0]}}, "header_invalid"),
    "too many": (
        {f"t{index}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for index in range(60_000)},
        "limit_exceeded",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_headers_on_which_programs_disagree_are_refused(tmp_path: Path, kind: str) -> None:
    header, fault = HOSTILE[kind]

    with pytest.raises(ModelFileError) as caught:
        read_header(written(tmp_path / "x.safetensors", header, b"\0" * 8))

    assert caught.value.fault == fault
    assert len(caught.value.message) < 2000
    assert caught.value.message.isprintable()


def test_archive_behind_the_tensors_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "x.safetensors", {"x": ROW}, b"\0" * 8)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02N.")

    with pytest.raises(DamagedFile, match="too long"):
        read_header(path)


def test_metadata_is_text_and_endless_values_are_left_out(tmp_path: Path) -> None:
    metadata = {"title": "<script>", "ss_steps": 12, "cover": "x" * (5 * 2**20)} | {f"ss_{i}": "1" for i in range(2000)}

    header = read_header(written(tmp_path / "x.safetensors", {"x": ROW, "__metadata__": metadata}, b"\0" * 8))

    assert header.metadata["title"] == "<script>"
    assert header.metadata["ss_steps"] == "12"
    assert "cover" not in header.metadata
    assert len(header.metadata) == 2002


@pytest.mark.parametrize("name", ["with spaces.safetensors", "模型.safetensors", "🎨.safetensors", "x"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    assert list(read_header(written(tmp_path / name, {"x": ROW}, b"\0" * 8)).entries) == ["x"]
