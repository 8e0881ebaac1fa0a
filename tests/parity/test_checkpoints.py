"""Whole checkpoints of every kind, at reduced widths, against diffusers and transformers: our loader and networks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

from mezzotint.engine.loading import load_model
from mezzotint.families.family import Model, ModelFile
from mezzotint.families.recognition import recognise
from mezzotint.families.text import encode_prompt
from mezzotint.nn.unet import UNet
from mezzotint.prompt.attention import parse_attention
from mezzotint.prompt.chunks import chunk
from tests.parity import kinds, twins
from tests.parity.kinds import Kind, predictions
from tests.parity.measures import NETWORK, difference, randn

PROMPT = "a photograph of an astronaut riding a horse"


@dataclass(frozen=True, eq=False)
class Pair:
    """The same file in both implementations."""

    kind: Kind
    ours: Model
    network: nn.Module
    autoencoder: nn.Module
    text: dict[str, nn.Module]
    tensors: set[str]


@pytest.fixture(scope="module", params=kinds.FULL)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    kind = kinds.reduced(kinds.FULL[request.param])
    path: Path = tmp_path_factory.mktemp("parity") / "random.safetensors"
    network, autoencoder, text = kind.network_twin(), kind.autoencoder_twin(), kind.text_twins()
    shapes = network.shapes() | autoencoder.shapes()
    for twin in text.values():
        shapes |= twin.shapes()
    tensors = twins.write(path, shapes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mezzotint.engine.loading.recognise", partial(recognise, families=[kind.family]))
        ours = load_model(ModelFile("random", path, sha256=""), torch.device("cpu"))
    filled = {name: twin.fill(tensors) for name, twin in text.items()}
    yield Pair(kind, ours, network.fill(tensors), autoencoder.fill(tensors), filled, set(tensors))
    path.unlink()


def test_the_file_holds_every_tensor_of_network_and_autoencoder_and_no_other(pair: Pair) -> None:
    family = pair.ours.family
    ours = {family.network.prefix: pair.ours.network, family.autoencoder.prefix: pair.ours.autoencoder}

    names = {prefix + name for prefix, part in ours.items() for name in part.state_dict()}

    assert names == {name for name in pair.tensors if name.startswith(tuple(ours))}


def test_the_network_predicts_alike(pair: Pair) -> None:
    assert difference(*predictions(pair.kind, pair.ours.network, pair.network)) <= NETWORK


def test_mistakes_that_no_shape_shows_are_seen(pair: Pair) -> None:
    """Where both run the same kernels they agree to the last bit; this shows that a difference would be noticed."""
    config = pair.ours.network.config
    heads = replace(config, heads=2 * config.heads, head_width=config.head_width and config.head_width // 2)
    mistakes = [heads, replace(config, context_only=())] if config.context_only else [heads]

    for mistake in mistakes:
        with torch.device("meta"):
            wrong = UNet(mistake)
        wrong.load_state_dict(pair.ours.network.state_dict(), assign=True)
        assert difference(*predictions(pair.kind, wrong.eval(), pair.network)) > 10 * NETWORK


@torch.inference_mode()
def test_text_is_encoded_alike(pair: Pair) -> None:
    encoded = encode_prompt(pair.ours, PROMPT)

    for name, part in pair.ours.family.text_encoders.items():
        (piece,) = chunk(parse_attention(PROMPT), pair.ours.tokenizer, padding=part.padding)
        theirs = pair.text[name](torch.tensor([piece.ids]), output_hidden_states=True)
        wanted = theirs.hidden_states[-1 if pair.kind.family.name == "sd1" else -2]
        if pair.kind.family.name in ("sd1", "sd2", "sd-x4-upscaler"):
            wanted = pair.text[name].get_submodule("text_model.final_layer_norm")(wanted)
        assert difference(encoded[name].tokens, wanted) <= NETWORK
        pooled = encoded[name].pooled
        assert (pooled is not None) == (name == "clip_g")
        assert pooled is None or difference(pooled, theirs.text_embeds) <= NETWORK


@torch.inference_mode()
def test_pictures_are_encoded_and_latents_decoded_alike(pair: Pair) -> None:
    pixels, latents = randn(1, 3, 64, 72).clamp(-1, 1), randn(1, 4, 8, 9)

    posterior, picture = pair.ours.autoencoder.encode(pixels), pair.ours.autoencoder.decode(latents)

    theirs = pair.autoencoder.encode(pixels).latent_dist
    assert difference(posterior.mean, theirs.mean) <= NETWORK
    assert difference(posterior.log_variance, theirs.logvar) <= NETWORK
    assert difference(picture, pair.autoencoder.decode(latents).sample) <= NETWORK
