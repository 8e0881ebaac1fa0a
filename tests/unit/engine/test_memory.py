"""Devices are picked by name, batches sized by device, and lack of memory is told as such."""

import pytest
import torch

from mezzotint.engine.memory import model_budget, naming_out_of_memory, network_dtype, pick_device, pictures_at_once
from mezzotint.errors import OutOfMemory, RequestError, UnknownName

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def test_a_device_is_picked_by_name() -> None:
    assert pick_device("cpu") == CPU


def test_auto_prefers_what_computes_fastest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device("auto") == CPU

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto") == CUDA
    assert pick_device("cuda:1") == torch.device("cuda", 1)


@pytest.mark.parametrize("name", ["gpu", "cuda:x", ""])
def test_an_unknown_device_is_told(name: str) -> None:
    with pytest.raises(UnknownName):
        pick_device(name)


def test_a_device_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    with pytest.raises(RequestError, match="no cuda device"):
        pick_device("cuda")


def test_a_cpu_computes_in_float32_whatever_the_file_holds() -> None:
    assert network_dtype(CPU) == torch.float32


def test_pictures_are_made_one_by_one_on_a_cpu_and_together_elsewhere() -> None:
    assert pictures_at_once(CPU, area_px=64 * 64, native_px=512) == 1
    assert pictures_at_once(CUDA, area_px=512 * 512, native_px=512) == 4
    assert pictures_at_once(CUDA, area_px=4096 * 4096, native_px=512) == 1


def test_the_budget_is_a_share_of_the_memory() -> None:
    assert 1e8 < model_budget(CPU) < 1e14


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: 5 bytes"),
    ],
)
def test_lack_of_memory_is_told_as_such(error: Exception) -> None:
    with pytest.raises(OutOfMemory, match="not enough memory"), naming_out_of_memory():
        raise error


def test_other_errors_pass_through() -> None:
    with pytest.raises(RuntimeError, match="shapes"), naming_out_of_memory():
        raise RuntimeError("shapes do not fit")
