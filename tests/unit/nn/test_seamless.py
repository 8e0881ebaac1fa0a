"""Tiling: what leaves one edge enters at the other, and nothing of it stays behind."""

import pytest
import torch
from torch import Tensor, nn

from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.seamless import seamless
from mezzotint.nn.unet import UNet, UNetConfig

ROUNDING = 1e-5  # the same sums, at other places of the picture

X = torch.randn(1, 4, 8, 8)


@pytest.fixture(scope="module")
def network() -> UNet:
    return (
        UNet(UNetConfig(channels=(32, 64), blocks=1, depths=(0, 1), heads=2, context=16)).eval().requires_grad_(False)
    )


def run(network: nn.Module, x: Tensor) -> Tensor:
    return network(x, torch.tensor([500.0]), torch.ones(1, 3, 16))


def moves_along(network: nn.Module, axis: int) -> bool:
    """Whether shifting the latents, round the edge, shifts what comes out and does nothing else."""
    there = run(network, X.roll(4, dims=axis))
    return torch.allclose(there, run(network, X).roll(4, dims=axis), atol=ROUNDING, rtol=ROUNDING)


@pytest.mark.parametrize(("x", "y"), [(True, True), (True, False), (False, True), (False, False)])
def test_pictures_wrap_around_along_the_axes_that_were_asked_for(network: UNet, x: bool, y: bool) -> None:
    with seamless(network, x=x, y=y):
        wraps = moves_along(network, axis=-1), moves_along(network, axis=-2)

    assert wraps == (x, y)


def test_the_autoencoders_decoder_wraps_around() -> None:
    config = AutoencoderConfig(channels=(32, 32), blocks=1)
    autoencoder = Autoencoder(config).eval().requires_grad_(False)

    with seamless(autoencoder):
        shifted, plain = autoencoder.decode(X.roll(3, dims=-1)), autoencoder.decode(X)

    assert torch.allclose(shifted, plain.roll(6, dims=-1), atol=ROUNDING, rtol=ROUNDING)


def test_both_axes_are_pytorchs_own_circular_padding() -> None:
    wrapping = nn.Conv2d(4, 4, 3, stride=2, padding=(1, 1), padding_mode="circular")
    plain = nn.Conv2d(4, 4, 3, stride=2, padding=(1, 1))
    plain.load_state_dict(wrapping.state_dict())

    with seamless(plain):
        assert torch.equal(plain(X), wrapping(X))


def test_leaving_restores_every_bit_also_when_the_body_fails(network: UNet) -> None:
    before, weights = run(network, X), {name: tensor.clone() for name, tensor in network.state_dict().items()}

    with pytest.raises(ValueError, match="stop"), seamless(network):
        assert not torch.equal(run(network, X), before)
        raise ValueError("stop")

    assert torch.equal(run(network, X), before)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in network.state_dict().items())
    assert not any(module._forward_pre_hooks for module in network.modules())


def test_one_inside_another_wraps_once(network: UNet) -> None:
    with seamless(network, x=True, y=False):
        once = run(network, X)
        with seamless(network, network, x=True, y=False):
            twice = run(network, X)
        again = run(network, X)

    assert torch.equal(once, twice)
    assert torch.equal(once, again)
