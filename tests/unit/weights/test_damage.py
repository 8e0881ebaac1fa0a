"""A file that is cut short or changed is told so, wherever that happened; nothing half loaded comes of it."""

import os
import random
from pathlib import Path

import pytest
import torch

from mezzotint.errors import ModelFileError
from mezzotint.weights.opening import open_model_file
from mezzotint.weights.saving import save

WEIGHTS = {f"a.{index}.weight": torch.randn(7, 9) for index in range(8)} | {"a.8.bias": torch.randn(3).half()}
CUTS, FLIPS = 200, 500


def whole(folder: Path, kind: str) -> Path:
    path = folder / f"model.{kind}"
    if kind == "safetensors":
        save(path, WEIGHTS, {"title": "x"})
    else:
        torch.save({"state_dict": WEIGHTS}, path, _use_new_zipfile_serialization=kind == "ckpt")
    return path


@pytest.mark.parametrize("kind", ["safetensors", "ckpt", "pt"])
def test_file_cut_short_anywhere_is_refused(tmp_path: Path, kind: str) -> None:
    path = whole(tmp_path, kind)
    content = path.read_bytes()

    for cut in range(CUTS):
        path.write_bytes(content[: len(content) * cut // CUTS])

        with pytest.raises(ModelFileError, match=rf"^model\.{kind}: ") as caught:
            open_model_file(path)

        assert caught.value.hint
        assert caught.value.fault in ("truncated", "stream_malformed", "header_invalid", "not_a_model")


@pytest.mark.parametrize("kind", ["safetensors", "ckpt", "pt"])
def test_changed_bits_give_an_error_or_a_whole_model(tmp_path: Path, kind: str) -> None:
    path = whole(tmp_path, kind)
    content = path.read_bytes()
    dice = random.Random(0)
    changed = 0

    for _ in range(FLIPS):
        damaged = bytearray(content)
        damaged[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        try:
            tensors = open_model_file(path)
            values = {name: tensor.clone() for name, tensor in tensors.items()}
        except ModelFileError as error:
            assert error.message.startswith(f"model.{kind}: ")
            continue
        changed += any(not torch.equal(values[name], WEIGHTS[name]) for name in WEIGHTS if name in values)

    assert changed > 0 or kind == "ckpt"  # the only one of the three with check sums
    assert changed == 0 or kind != "ckpt"


def test_damaged_bytes_of_a_tensor_are_told_when_it_is_read(tmp_path: Path) -> None:
    path = whole(tmp_path, "ckpt")
    content = bytearray(path.read_bytes())
    place = open_model_file(path).header.entries["a.3.weight"].begin
    content[place + 5] ^= 1
    path.write_bytes(content)

    tensors = open_model_file(path)

    assert torch.equal(tensors["a.2.weight"], WEIGHTS["a.2.weight"])
    with pytest.raises(ModelFileError, match=r"^model\.ckpt: .*'a\.3\.weight' do not match their check sum"):
        tensors["a.3.weight"]


STRANGERS = {
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "not_a_model", "PNG picture"),
    "page": (b"\n <!DOCTYPE html><html>Log in</html>", "not_a_model", "web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "not_a_model", "Git LFS"),
    "gguf": (b"GGUF\3\0\0\0" + bytes(50), "not_a_model", "GGUF"),
    "json": (b'{"error": "not found"}', "not_a_model", "JSON"),
    "gzip": (b"\x1f\x8b\x08" + bytes(50), "container_refused", "gzip"),
    "noise": (bytes(range(1, 200)), "not_a_model", "nor a checkpoint"),
    "nothing": (b"", "truncated", "is empty"),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_what_is_no_model_is_told_by_what_it_is(tmp_path: Path, kind: str) -> None:
    content, fault, words = STRANGERS[kind]
    path = tmp_path / "model.ckpt"
    path.write_bytes(content)

    with pytest.raises(ModelFileError, match=words) as caught:
        open_model_file(path)

    assert caught.value.fault == fault
    assert caught.value.message.startswith("model.ckpt: ")
    assert caught.value.hint


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.ckpt")

    with pytest.raises(ModelFileError, match="a pipe or a device"):
        open_model_file(tmp_path / "model.ckpt")
