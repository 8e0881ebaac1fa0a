"""Checkpoints as people have them load, bit for bit, whatever training tool left beside the weights."""

import sys
import types
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from mezzotint.weights.opening import open_model_file
from mezzotint.weights.pickles.opening import PickledTensors
from tests.unit.weights.pickles.writing import archive, called, name, number, stream, table, tensor, text

WEIGHTS = {
    "model.diffusion_model.time_embed.0.weight": torch.randn(4, 3),
    "first_stage_model.decoder.conv_in.bias": torch.randn(5),
}


def opened(path: Path, thing: object, **options: bool) -> PickledTensors:
    torch.save(thing, path, **options)
    found = open_model_file(path)
    assert isinstance(found, PickledTensors)
    return found


def same(found: PickledTensors, wanted: dict[str, Tensor]) -> bool:
    return list(found) == list(wanted) and all(
        torch.equal(found[key].reshape(-1).view(torch.uint8), tensor.reshape(-1).view(torch.uint8))
        and (found[key].dtype, found[key].shape) == (tensor.dtype, tensor.shape)
        for key, tensor in wanted.items()
    )


@pytest.mark.parametrize("zipped", [True, False], ids=["archive", "stream"])
@pytest.mark.parametrize(
    "dtype",
    [
        *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2),
        *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64),
    ],
    ids=str,
)
def test_every_number_type_comes_back_bit_for_bit(tmp_path: Path, dtype: torch.dtype, zipped: bool) -> None:
    wanted = {"a.b.weight": torch.arange(24).reshape(2, 3, 4).to(dtype), "a.b.bias": torch.ones(3).to(dtype)}

    found = opened(tmp_path / "x.ckpt", {"state_dict": wanted}, _use_new_zipfile_serialization=zipped)

    assert same(found, wanted)
    assert found.header.shapes == {key: tuple(tensor.shape) for key, tensor in wanted.items()}


@pytest.mark.parametrize("zipped", [True, False], ids=["archive", "stream"])
def test_views_that_share_a_storage_come_back(tmp_path: Path, zipped: bool) -> None:
    base = torch.randn(6, 4)
    wanted = {
        "a.turned.weight": base.T,
        "a.some.weight": base[1:3],
        "a.step.weight": base[::2, 1],
        "a.x.bias": base[0, 0],
        "a.none.weight": torch.empty(0, 4),
    }

    found = opened(tmp_path / "x.pt", wanted, _use_new_zipfile_serialization=zipped)

    assert list(found) == list(wanted)
    assert all(torch.equal(found[key], tensor) for key, tensor in wanted.items())


@pytest.mark.parametrize("zipped", [True, False], ids=["archive", "stream"])
def test_what_lightning_leaves_beside_the_weights_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    place = "pytorch_lightning.callbacks.model_checkpoint"
    lightning = [types.ModuleType(module) for module in ("pytorch_lightning", "pytorch_lightning.callbacks", place)]
    for module in lightning:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    checkpoint = type("ModelCheckpoint", (), {"__module__": place})
    lightning[-1].ModelCheckpoint = checkpoint  # pyright: ignore[reportAttributeAccessIssue]
    remembered = {"monitor": "val/loss", "best_model_score": np.float64(0.25), "current_score": torch.zeros(())}
    moments = {"step": 5, "exp_avg": torch.ones(2), "exp_avg_sq": torch.ones(2)}
    thing = {
        "epoch": 3,
        "global_step": 470_000,
        "pytorch-lightning_version": "1.4.2",
        "callbacks": {checkpoint: remembered},
        "optimizer_states": [{"state": {0: moments}, "param_groups": [{"betas": (0.9, 0.99), "params": [0]}]}],
        "lr_schedulers": [{"last_epoch": 2, "lr_lambdas": [None], "seen": {1, 2}}],
        "state_dict": OrderedDict(WEIGHTS),
    }

    found = opened(tmp_path / "model.ckpt", thing, _use_new_zipfile_serialization=zipped)

    assert same(found, WEIGHTS)


def test_scores_as_numpy_1_wrote_them_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.ckpt").write_bytes(archive(_numpy_1()))

    assert list(open_model_file(tmp_path / "x.ckpt")) == ["a.b.weight"]


def _numpy_1() -> bytes:
    kind = called(name("numpy", "dtype"), text("f8"), number(0), number(1))
    state = b"(" + number(3) + text("<") + b"NNN" + number(-1) + number(-1) + number(0) + b"tb"
    raw = called(name("_codecs", "encode"), text("\0" * 8), text("latin1"))
    score = called(name("numpy.core.multiarray", "scalar"), kind + state, raw)
    return stream(
        table(
            (
                text("callbacks"),
                table((name("pytorch_lightning.callbacks", "ModelCheckpoint"), table((text("best"), score)))),
            ),
            (text("state_dict"), table((text("a.b.weight"), tensor()))),
        )
    )


def test_state_dict_of_a_module_with_its_versions_loads(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.BatchNorm2d(4))

    found = opened(tmp_path / "x.pth", module.state_dict())

    assert same(found, dict(module.state_dict()))


def test_parameters_are_tensors(tmp_path: Path) -> None:
    parameter = torch.nn.Parameter(torch.randn(2, 3))

    found = opened(tmp_path / "x.pt", {"a.b.weight": parameter, "a.c.weight": parameter.detach().requires_grad_()})

    assert torch.equal(found["a.b.weight"], parameter)
    assert not found["a.b.weight"].requires_grad


def test_textual_inversion_comes_with_its_plain_values(tmp_path: Path) -> None:
    vectors = torch.randn(2, 8)
    thing = {
        "string_to_token": {"*": 265},
        "string_to_param": torch.nn.ParameterDict({"*": torch.nn.Parameter(vectors)}),
        "name": "my style",
        "step": 1200,
        "sd_checkpoint": None,
        "sd_checkpoint_name": None,
    }

    found = opened(tmp_path / "my style.pt", thing)

    assert list(found) == ["string_to_param.*"]
    assert torch.equal(found["string_to_param.*"], vectors)
    assert found.beside["name"] == "my style"
    assert found.beside["step"] == 1200
    assert found.beside["string_to_token.*"] == 265


def test_hypernetwork_comes_with_its_structure(tmp_path: Path) -> None:
    layers = {"linear.0.weight": torch.randn(2, 2)}
    thing = {768: (layers, layers), "layer_structure": [1, 2, 1], "activation_func": "relu", "step": 10}

    found = opened(tmp_path / "x.pt", thing)

    assert list(found) == ["768.0.linear.0.weight", "768.1.linear.0.weight"]
    assert found.beside["layer_structure"] == [1, 2, 1]


@pytest.mark.parametrize("wrapper", ["params", "params_ema"])
def test_tables_of_upscalers_keep_their_name_in_front(tmp_path: Path, wrapper: str) -> None:
    found = opened(tmp_path / "4x.pth", {wrapper: {"conv_first.weight": torch.ones(2)}})

    assert list(found) == [f"{wrapper}.conv_first.weight"]


@pytest.mark.parametrize("wrappers", [["state_dict", "state_dict"], ["model"], ["module", "state_dict"]])
def test_wrappers_are_taken_off(tmp_path: Path, wrappers: list[str]) -> None:
    thing = WEIGHTS
    for wrapper in reversed(wrappers):
        thing = {wrapper: thing}

    assert same(opened(tmp_path / "x.ckpt", thing), WEIGHTS)


def test_one_bare_tensor_has_no_name(tmp_path: Path) -> None:
    assert same(opened(tmp_path / "x.pt", torch.ones(1, 4)), {"": torch.ones(1, 4)})


def test_tensor_that_came_through_numpy_loads(tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    thing = torch._utils._rebuild_device_tensor_from_numpy  # pyright: ignore[reportPrivateUsage]

    class OfAnAccelerator:
        def __reduce__(self) -> tuple[object, ...]:
            return (thing, (array, torch.float32, "cpu", False))

    found = opened(tmp_path / "x.pt", {"a.b.weight": OfAnAccelerator()})

    assert torch.equal(found["a.b.weight"], torch.from_numpy(array))


@pytest.mark.parametrize("stem", ["with spaces", "模型", "🎨", "v1.5-pruned"])
def test_any_name_will_do(tmp_path: Path, stem: str) -> None:
    assert same(opened(tmp_path / f"{stem}.ckpt", {"state_dict": WEIGHTS}), WEIGHTS)


def test_protocol_3_loads(tmp_path: Path) -> None:
    torch.save(WEIGHTS, tmp_path / "x.pt", pickle_protocol=3)

    assert set(open_model_file(tmp_path / "x.pt")) == set(WEIGHTS)


def test_numbers_stay_in_the_file_until_they_are_asked_for(tmp_path: Path) -> None:
    found = opened(tmp_path / "x.ckpt", WEIGHTS)
    (first, one), (second, other) = ((found.header.entries[key], found[key]) for key in WEIGHTS)

    assert other.data_ptr() - one.data_ptr() == second.begin - first.begin  # two views of one map of the file


def test_writing_to_a_tensor_leaves_the_file_alone(tmp_path: Path) -> None:
    found = opened(tmp_path / "x.ckpt", WEIGHTS)
    before = (tmp_path / "x.ckpt").read_bytes()

    found[next(iter(WEIGHTS))].fill_(7)

    assert (tmp_path / "x.ckpt").read_bytes() == before
