"""A saved file holds what was given, or is not there."""

from pathlib import Path

import pytest
import torch

from mezzotint.errors import ResourceError
from mezzotint.weights.safetensors import open_tensors, read_header
from mezzotint.weights.saving import save


def test_tensors_and_metadata_come_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "x.safetensors"
    turned = torch.arange(6.0).reshape(2, 3).T

    save(path, {"turned": turned}, {"made by": "a test"})

    assert torch.equal(open_tensors(path)["turned"], turned)
    assert read_header(path).metadata == {"made by": "a test"}


def test_the_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()

    save(tmp_path / "x.safetensors", {"x": torch.zeros(1)})

    assert (tmp_path / "x.safetensors").stat().st_mode == other.stat().st_mode


def test_replacing_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"

    save(path, {"x": torch.zeros(1)})
    save(path, {"x": torch.ones(1)})

    assert list(tmp_path.iterdir()) == [path]
    assert open_tensors(path)["x"].item() == 1


def test_a_mapped_file_may_be_replaced_while_it_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save(path, {"x": torch.zeros(100_000)})
    mapped = open_tensors(path)["x"]

    save(path, {"x": torch.ones(3)})

    assert mapped.sum().item() == 0


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ResourceError, match="cannot write"):
        save(tmp_path / "file" / "x.safetensors", {"x": torch.zeros(1)})


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.safetensors"
    save(path, {"x": torch.zeros(1)})

    def fail(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ResourceError, match="No space left"):
        save(path, {"x": torch.ones(1)})

    assert list(tmp_path.iterdir()) == [path]
    assert open_tensors(path)["x"].item() == 0
