"""Every weight layout renames without loss: what it reads it writes back, tensor by tensor, also through a file."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.tiny_autoencoder import TinyAutoencoderConfig, TinyDecoder
from mezzotint.nn.unet import UNet, UNetConfig
from mezzotint.weights.layouts import LAYOUTS
from mezzotint.weights.loading import build
from mezzotint.weights.opening import open_model_file
from mezzotint.weights.renaming import Layout, SizedLayout
from mezzotint.weights.saving import save
from tests.factories import weight

UNET = UNetConfig(channels=(32, 64, 64, 64), depths=(1, 1, 1, 0), heads=4, context=24)
VAE = AutoencoderConfig(channels=(32, 32, 64, 64))
CLIP = CLIPTextConfig(vocabulary=50, width=12, layers=3, heads=2, positions=7)
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "clip-flat": lambda: CLIPText(CLIP),
    "openclip": lambda: CLIPText(CLIP),
    "diffusers-unet": lambda: UNet(UNET),
    "diffusers-vae": lambda: Autoencoder(VAE),
    "diffusers-vae-old": lambda: Autoencoder(VAE),
    "tiny-decoder": lambda: TinyDecoder(TinyAutoencoderConfig()),
}


@pytest.fixture(params=list(LAYOUTS))
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def layout(name: str) -> Layout | SizedLayout:
    return LAYOUTS[name]


@pytest.fixture
def ours(name: str) -> dict[str, Tensor]:
    """The weights of a small network of the kind that the layout is of, under our names."""
    with torch.device("meta"):
        shapes = {key: tuple(tensor.shape) for key, tensor in NETWORKS[name]().state_dict().items()}
    if name == "openclip":
        shapes["text_projection.weight"] = (8, 12)
    return {key: weight(key, shape).half() for key, shape in shapes.items()}


def same(found: dict[str, Tensor], wanted: dict[str, Tensor]) -> bool:
    return set(found) == set(wanted) and all(torch.equal(found[key], tensor) for key, tensor in wanted.items())


def test_reading_undoes_writing(layout: Layout | SizedLayout, ours: dict[str, Tensor]) -> None:
    theirs = layout.written(ours)

    assert same(dict(layout.read(theirs)), ours)


def test_writing_undoes_reading(layout: Layout | SizedLayout, ours: dict[str, Tensor]) -> None:
    theirs = dict(layout.written(ours))

    assert same(dict(layout.written(layout.read(theirs))), theirs)


def test_what_is_saved_in_a_layout_comes_back_exactly(
    layout: Layout | SizedLayout, ours: dict[str, Tensor], tmp_path: Path
) -> None:
    save(tmp_path / "theirs.safetensors", layout.written(ours))

    save(tmp_path / "ours.safetensors", layout.read(open_model_file(tmp_path / "theirs.safetensors")))

    assert same(dict(open_model_file(tmp_path / "ours.safetensors")), ours)


def test_headers_tell_the_shapes_that_come(layout: Layout | SizedLayout, ours: dict[str, Tensor]) -> None:
    for tensors in (layout.written(ours), layout.read(layout.written(ours))):
        assert {key: tuple(tensor.shape) for key, tensor in tensors.items()} == tensors.header.shapes
        assert {tensor.dtype for tensor in tensors.values()} == set(tensors.header.dtypes.values())


def test_our_names_are_never_taken_for_theirs(layout: Layout | SizedLayout, ours: dict[str, Tensor]) -> None:
    assert not layout.fits(ours)
    assert layout.fits(layout.written(ours))


def test_network_is_filled_through_the_layout(name: str, layout: Layout | SizedLayout, ours: dict[str, Tensor]) -> None:
    theirs = layout.written(ours)

    network = build(lambda make: make(), NETWORKS[name], layout.read(theirs), dtype=torch.float16)

    assert all(torch.equal(tensor, ours[key]) for key, tensor in network.state_dict().items())
