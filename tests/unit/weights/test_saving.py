"""A saved file holds what was given, or is not there."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from mezzotint.errors import RequestError, ResourceError
from mezzotint.weights.safetensors import DTYPES, open_tensors, read_header
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


def test_the_reference_library_reads_every_number_type(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    kinds = {kind: dtype for kind, dtype in DTYPES.items() if kind not in ("F8_E8M0", "C64")}  # too new for some
    tensors = {kind: torch.arange(5).to(dtype) for kind, dtype in kinds.items()}
    tensors |= {"scalar": torch.tensor(2.5), "none": torch.empty(0, 3), "ünï": torch.ones(1)}

    save(path, tensors, {"title": "ünï"})

    with safe_open(path, framework="pt") as reference:
        assert reference.metadata() == {"title": "ünï"}
        assert set(reference.keys()) == set(tensors)
        for name, tensor in tensors.items():
            found = reference.get_tensor(name)
            assert (found.dtype, found.shape) == (tensor.dtype, tensor.shape)
            assert torch.equal(found.reshape(-1).view(torch.uint8), tensor.reshape(-1).view(torch.uint8))


def test_tensors_lie_where_a_map_can_view_them(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"

    save(path, {"a": torch.ones(3, dtype=torch.uint8), "b": torch.ones(3), "c": torch.ones(3).half()})

    assert all(entry.begin % entry.dtype.itemsize == 0 for entry in read_header(path).entries.values())


def test_one_tensor_may_be_saved_under_two_names(tmp_path: Path) -> None:
    shared = torch.arange(4.0)

    save(tmp_path / "x.safetensors", {"a": shared, "b": shared, "c": shared[1:]})

    assert open_tensors(tmp_path / "x.safetensors")["c"].tolist() == [1, 2, 3]


def test_numbers_that_the_format_does_not_know_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="complex128"):
        save(tmp_path / "x.safetensors", {"x": torch.zeros(1, dtype=torch.complex128)})

    assert list(tmp_path.iterdir()) == []
