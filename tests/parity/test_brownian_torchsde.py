"""Brownian paths against torchsde's own tree, with our normals under the seeds that it derives."""

import warnings
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.brownian import BrownianTree
from mezzotint.diffusion.noise import PictureNoise
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.schedules.karras import karras

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
SHAPE = (4, 8, 8)
SEEDS = [0, 1234, 2**32 + 5, 2**63 - 1]


@pytest.fixture
def their_tree(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, float, float], Callable[[float, float], Tensor]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the Python it was written for
        torchsde = pytest.importorskip("torchsde")
        interval = pytest.importorskip("torchsde._brownian.brownian_interval")
    monkeypatch.setattr(interval, "_randn", lambda size, dtype, device, seed: PictureNoise([int(seed)])(size)[0])
    return lambda seed, low, high: torchsde.BrownianTree(low, torch.zeros(SHAPE), high, entropy=seed)


@pytest.mark.filterwarnings("ignore:Should have t:UserWarning")  # its ends are rounded, and it says so
@pytest.mark.parametrize("seed", SEEDS)
def test_every_change_is_the_same_to_the_last_bit(
    their_tree: Callable[[int, float, float], Callable[[float, float], Tensor]], seed: int
) -> None:
    sigmas = karras(SD1, 8)[:-1]
    theirs = their_tree(seed, sigmas[-1], sigmas[0])
    ours = BrownianTree([seed], SHAPE, (sigmas[-1], sigmas[0]))

    for high, low in pairwise(sigmas):
        for middle in (low, (low * high) ** 0.5):  # whole steps, and half ones as DPM++ SDE takes them
            assert torch.equal(ours.change(middle, high)[0], theirs(middle, high))
