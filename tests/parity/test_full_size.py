"""The real networks at full size against diffusers and transformers, one at a time, on random weights.

The weights lie in a float32 file of the real layout, mapped into memory; both implementations use them where they lie.
So a test takes the file's size on disk, up to 10 GB, and little memory that could not be given back at once.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from mezzotint.engine.loading import load_text_encoder
from mezzotint.families.family import Part
from mezzotint.families.recognition import recognise
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.clip_text import OPENCLIP_BIG_G, OPENCLIP_H, CLIPTextConfig
from mezzotint.nn.unet import UNet
from mezzotint.weights.loading import build
from mezzotint.weights.safetensors import read_header
from tests.parity import kinds, twins
from tests.parity.kinds import predictions
from tests.parity.measures import NETWORK, difference, randn

pytestmark = pytest.mark.slow

LAST, BEFORE_LAST = 1, 2
TOKENS = [49406, 320, 1125, 539, 550, 18376, 267, 15304, 272, 273, 274, 748, 49407] + [0] * 64

TEXT_ENCODERS = {
    "L": (CLIPTextConfig(projection=768), kinds.CLIP_L | {"projection": 768}, None),
    "H": (OPENCLIP_H, kinds.CLIP_H, "openclip"),
    "bigG": (OPENCLIP_BIG_G, kinds.CLIP_G, "openclip"),
}


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A place for gigabytes that go with the test."""
    yield tmp_path / "random.safetensors"
    (tmp_path / "random.safetensors").unlink(missing_ok=True)
    gc.collect()


@pytest.mark.parametrize("name", TEXT_ENCODERS)
@torch.inference_mode()
def test_text_is_encoded_alike(path: Path, name: str) -> None:
    config, sizes, layout = TEXT_ENCODERS[name]
    twin = twins.text_encoder("conditioner.embedders.1.model.", **sizes)
    tensors = twins.write(path, twin.shapes())
    ours = load_text_encoder(Part("conditioner.embedders.1.model.", config, layout), tensors)
    theirs = twin.fill(tensors)
    tokens = torch.tensor([TOKENS])

    wanted = theirs(tokens, output_hidden_states=True)

    norm = theirs.get_submodule("text_model.final_layer_norm")
    for skip in (LAST, BEFORE_LAST):
        plain, pooled = ours.with_pooled(tokens, skip=skip, normed=False)
        assert difference(plain, wanted.hidden_states[-skip]) <= NETWORK
        assert difference(ours(tokens, skip=skip), norm(wanted.hidden_states[-skip])) <= NETWORK
        assert difference(pooled, wanted.text_embeds) <= NETWORK


@pytest.mark.parametrize("name", ["sd1", "sd1-inpainting", "sd2", "sd-x4-upscaler", "sdxl", "sdxl-refiner"])
def test_the_network_predicts_alike(path: Path, name: str) -> None:
    kind = kinds.FULL[name]
    twin = kind.network_twin()
    tensors = twins.write(path, twin.shapes())
    family = recognise(read_header(path))
    ours = build(UNet, family.network.config, tensors, prefix=family.network.prefix)
    theirs = twin.fill(tensors)

    assert family.full_name == name
    assert difference(*predictions(kind, ours, theirs)) <= NETWORK


@pytest.mark.parametrize("name", ["sd1", "sd-x4-upscaler"])
@torch.inference_mode()
def test_pictures_are_encoded_and_latents_decoded_alike(path: Path, name: str) -> None:
    kind = kinds.FULL[name]
    twin = kind.autoencoder_twin()
    tensors = twins.write(path, twin.shapes())
    part = kind.family.autoencoder
    ours, theirs = build(Autoencoder, part.config, tensors, prefix=part.prefix), twin.fill(tensors)
    pixels, latents = randn(1, 3, 64, 72).clamp(-1, 1), randn(1, 4, 8, 9)

    posterior, picture = ours.encode(pixels), ours.decode(latents)

    wanted = theirs.encode(pixels).latent_dist
    assert difference(posterior.mean, wanted.mean) <= NETWORK
    assert difference(posterior.log_variance, wanted.logvar) <= NETWORK
    assert difference(picture, theirs.decode(latents).sample) <= NETWORK
