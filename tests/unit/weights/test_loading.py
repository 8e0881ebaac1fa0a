"""Networks are filled with exactly the weights of the file, or refused with a list of what is wrong."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from mezzotint.errors import MissingWeights
from mezzotint.weights.loading import Section, build


@dataclass(frozen=True)
class Sizes:
    width: int = 4


class Network(nn.Module):
    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.inner = nn.Linear(sizes.width, sizes.width)
        self.outer = nn.Conv2d(sizes.width, sizes.width, 1)


def weights(width: int = 4) -> dict[str, torch.Tensor]:
    shapes = {
        "net.inner.weight": (width, width),
        "net.inner.bias": (width,),
        "net.outer.weight": (width, width, 1, 1),
        "net.outer.bias": (width,),
    }
    return {name: torch.randn(shape) for name, shape in shapes.items()}


def test_the_network_holds_the_weights_of_the_file() -> None:
    tensors = weights()

    network = build(Network, Sizes(), tensors | {"other.x": torch.zeros(1)}, prefix="net.")

    assert {f"net.{name}" for name in network.state_dict()} == set(tensors)
    assert all(torch.equal(tensor, tensors[f"net.{name}"]) for name, tensor in network.state_dict().items())
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_weights_of_the_right_type_are_not_copied() -> None:
    tensors = weights()

    network = build(Network, Sizes(), tensors, prefix="net.")

    assert network.inner.weight.data_ptr() == tensors["net.inner.weight"].data_ptr()


def test_weights_of_another_type_are_converted() -> None:
    tensors = {name: tensor.half() for name, tensor in weights().items()}

    network = build(Network, Sizes(), tensors, prefix="net.", dtype=torch.float32)

    assert all(parameter.dtype == torch.float32 for parameter in network.parameters())
    assert torch.equal(network.inner.weight, tensors["net.inner.weight"].float())


def test_linear_weights_stand_for_those_of_1x1_convolutions_and_back() -> None:
    tensors = weights()
    swapped = tensors | {
        "net.inner.weight": tensors["net.inner.weight"][:, :, None, None],
        "net.outer.weight": tensors["net.outer.weight"][:, :, 0, 0],
    }

    network = build(Network, Sizes(), swapped, prefix="net.")

    assert torch.equal(network.inner.weight, tensors["net.inner.weight"])
    assert torch.equal(network.outer.weight, tensors["net.outer.weight"])


def test_missing_weights_are_listed_by_their_names_in_the_file() -> None:
    tensors = weights()
    del tensors["net.inner.bias"], tensors["net.outer.weight"]

    with pytest.raises(MissingWeights, match=r"2 of 4 .* net\.inner\.bias, net\.outer\.weight"):
        build(Network, Sizes(), tensors, prefix="net.")


def test_a_part_that_is_wholly_absent_gets_a_hint() -> None:
    with pytest.raises(MissingWeights, match="4 of 4") as caught:
        build(Network, Sizes(), {}, prefix="net.")

    assert "full checkpoint" in caught.value.hint


def test_wrong_shapes_are_listed_with_the_right_ones() -> None:
    with pytest.raises(MissingWeights, match=r"net\.inner\.weight is \(5, 5\) and should be \(4, 4\)"):
        build(Network, Sizes(), weights(5), prefix="net.")


def test_a_section_sees_only_its_own_names() -> None:
    section = Section({"a.x": torch.ones(1), "b.x": torch.zeros(1)}, "a.")

    assert dict(section) == {"x": torch.ones(1)}
    assert len(section) == 1
    with pytest.raises(KeyError):
        section["b.x"]


@pytest.mark.parametrize("dtype", [torch.bool, torch.int8, torch.complex64])
def test_tensors_that_are_no_weights_are_refused(dtype: torch.dtype) -> None:
    tensors = weights() | {"net.inner.weight": torch.ones(4, 4).to(dtype)}

    with pytest.raises(MissingWeights, match=r"1 tensors are no weights: net\.inner\.weight is of") as caught:
        build(Network, Sizes(), tensors, prefix="net.")

    assert caught.value.fault == "tensor_invalid"


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2, torch.bfloat16])
def test_short_numbers_are_widened(dtype: torch.dtype) -> None:
    tensors = {name: tensor.to(dtype) for name, tensor in weights().items()}

    network = build(Network, Sizes(), tensors, prefix="net.", dtype=torch.float16)

    assert torch.equal(network.inner.weight, tensors["net.inner.weight"].half())


def test_weights_that_lie_in_another_order_are_laid_as_usual() -> None:
    tensors = weights()
    turned = tensors | {"net.inner.weight": tensors["net.inner.weight"].T.contiguous().T}

    network = build(Network, Sizes(), turned, prefix="net.")

    assert network.inner.weight.is_contiguous()
    assert torch.equal(network.inner.weight, tensors["net.inner.weight"])
