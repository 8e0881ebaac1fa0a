"""Weights of eight bits with a scale come out as what they stand for; other packings are refused by name."""

import json

import pytest
import torch
from torch import Tensor

from mezzotint.errors import ModelFileError
from mezzotint.weights.scaled import unscaled
from mezzotint.weights.tensors import Held

EIGHT = torch.tensor([[1.0, -2.0], [0.5, 4.0]]).to(torch.float8_e4m3fn)


def form(name: str) -> Tensor:
    return torch.tensor(list(json.dumps({"format": name}).encode()), dtype=torch.uint8)


@pytest.mark.parametrize(
    "beside",
    [
        {"x.scale_weight": torch.tensor(0.25), "x.scale_input": torch.tensor(1.0), "scaled_fp8": torch.empty(0)},
        {"x.weight_scale": torch.tensor([0.25]), "x.comfy_quant": form("float8_e4m3fn")},
    ],
    ids=["older", "newer"],
)
def test_scales_are_multiplied_in(beside: dict[str, Tensor]) -> None:
    tensors = unscaled(Held({"x.weight": EIGHT, "x.bias": torch.ones(2)} | beside))

    assert set(tensors) == {"x.weight", "x.bias"}
    assert torch.equal(tensors["x.weight"], EIGHT.float() * 0.25)
    assert tensors.header.dtypes["x.weight"] == tensors["x.weight"].dtype == torch.float32


def test_eight_bits_without_scales_are_as_they_were() -> None:
    tensors = Held({"x.weight": EIGHT})

    assert unscaled(tensors) is tensors


@pytest.mark.parametrize(
    "packed",
    [
        {"x.weight": torch.zeros(2, dtype=torch.uint8), "x.weight.absmax": torch.ones(1)},
        {"x.weight": torch.zeros(2, dtype=torch.uint8), "x.weight.quant_state.bitsandbytes__nf4": torch.ones(1)},
        {"x.weight": EIGHT, "x.weight_scale": torch.tensor(1.0), "x.comfy_quant": form("nvfp4")},
        {"x.weight": EIGHT, "x.comfy_quant": torch.zeros(3, dtype=torch.uint8)},
        {"x.weight": torch.zeros(2), "x.scale_weight": torch.tensor(1.0)},
        {"x.weight": EIGHT, "x.scale_weight": torch.ones(2)},
        {"x.scale_weight": torch.ones(1)},
    ],
)
def test_other_packings_are_refused(packed: dict[str, Tensor]) -> None:
    with pytest.raises(ModelFileError):
        unscaled(Held(packed))
