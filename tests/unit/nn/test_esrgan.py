"""The networks of the ESRGAN family: sizes, and what follows from their form when weights are set by hand."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mezzotint.nn.esrgan import CompactConfig, CompactNet, RRDBConfig, RRDBNet
from tests.factories import weight

SMALL = RRDBConfig(features=8, blocks=2, growth=4)


def _filled(network: nn.Module) -> nn.Module:
    network.load_state_dict({name: weight(name, tuple(empty.shape)) for name, empty in network.state_dict().items()})
    return network.eval().requires_grad_(False)


def _zeros(network: nn.Module) -> nn.Module:
    network.load_state_dict({name: torch.zeros_like(empty) for name, empty in network.state_dict().items()})
    return network.eval().requires_grad_(False)


@pytest.mark.parametrize(
    "doublings, unshuffle, scale", [(0, 1, 1), (1, 1, 2), (2, 1, 4), (3, 1, 8), (2, 2, 2), (2, 4, 1)]
)
@pytest.mark.parametrize("size", [(6, 10), (7, 5), (1, 1)])
def test_dense_network_enlarges_by_its_scale(doublings: int, unshuffle: int, scale: int, size: tuple[int, int]) -> None:
    config = RRDBConfig(features=8, blocks=1, growth=4, doublings=doublings, unshuffle=unshuffle)
    network = _filled(RRDBNet(config))

    enlarged = network(torch.rand(2, 3, *size))

    assert network.scale == scale
    assert enlarged.shape == (2, 3, size[0] * scale, size[1] * scale)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_compact_network_of_no_weights_repeats_pixels(scale: int) -> None:
    network, pixels = _zeros(CompactNet(CompactConfig(features=4, layers=2, scale=scale))), torch.rand(1, 3, 5, 6)

    enlarged = network(pixels)

    assert torch.equal(enlarged, pixels.repeat_interleave(scale, 2).repeat_interleave(scale, 3))


def test_compact_network_adds_a_chain_of_convolutions() -> None:
    network, pixels = _filled(CompactNet(CompactConfig(features=6, layers=1, scale=2))), torch.rand(1, 3, 5, 6)
    named = network.state_dict()

    def convolved(x: Tensor, index: int) -> Tensor:
        return F.conv2d(x, named[f"body.{index}.weight"], named[f"body.{index}.bias"], padding=1)

    def rectified(x: Tensor, index: int) -> Tensor:
        return torch.where(x > 0, x, x * named[f"body.{index}.weight"][:, None, None])

    details = convolved(rectified(convolved(rectified(convolved(pixels, 0), 1), 2), 3), 4)

    b, h, w = 1, 5, 6
    shuffled = details.reshape(b, 3, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3).reshape(b, 3, 2 * h, 2 * w)
    expected = shuffled + pixels.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(network(pixels), expected)


def test_folded_pixels_are_what_the_first_convolution_sees() -> None:
    folded = _filled(RRDBNet(RRDBConfig(features=8, blocks=1, growth=4, unshuffle=2)))
    seen: list[Tensor] = []
    folded.get_submodule("conv_first").register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    pixels = torch.rand(1, 3, 4, 6)

    folded(pixels)

    assert seen[0].shape == (1, 12, 2, 3)
    assert torch.equal(seen[0][0, :4, 1, 2], pixels[0, 0, 2:4, 4:6].flatten())


def test_shortcuts_change_what_the_dense_blocks_add() -> None:
    pixels = torch.rand(1, 3, 4, 4)
    plain, plus = _filled(RRDBNet(SMALL)), RRDBNet(RRDBConfig(features=8, blocks=2, growth=4, has_shortcuts=True))
    plus.load_state_dict(
        {
            name: torch.zeros_like(empty) if "conv1x1" in name else weight(name, tuple(empty.shape))
            for name, empty in plus.state_dict().items()
        }
    )
    with torch.no_grad():
        without = plus(pixels)
        plus.get_parameter("body.0.rdb1.conv1x1.weight").fill_(0.1)
        assert not torch.allclose(plus(pixels), without)

    # with these weights at zero only x4 + x2 is left of the shortcuts
    assert not torch.allclose(without, plain(pixels))
