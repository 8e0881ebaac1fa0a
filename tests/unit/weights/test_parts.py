"""Checkpoints in other people's words are opened under the names of the common single file."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from mezzotint.errors import MissingWeights
from mezzotint.weights.layouts import LAYOUTS
from mezzotint.weights.opening import open_checkpoint
from mezzotint.weights.parts import assembled, autoencoder_of, canonical, disassembled
from mezzotint.weights.saving import save
from mezzotint.weights.tensors import Held
from tests.unit.weights.models import AUTOENCODER, ENCODER, NETWORK, SECOND, SINGLE, same, whole

DIFFUSERS_NETWORK = dict(LAYOUTS["diffusers-unet"].written(NETWORK))
DIFFUSERS_VAE = dict(LAYOUTS["diffusers-vae"].written(AUTOENCODER))
WHOLE_NETWORK = whole(model__diffusion_model=NETWORK)
CONTROL = NETWORK | {"zero_convs.0.0.weight": torch.ones(1)}
SPELLINGS: dict[str, tuple[dict[str, Tensor], dict[str, Tensor]]] = {
    "as it should be": (SINGLE, SINGLE),
    "module in front": (whole(module=SINGLE), SINGLE),
    "names of folders in front": (
        whole(unet=DIFFUSERS_NETWORK, vae=DIFFUSERS_VAE, text_encoder=ENCODER) | {"betas": torch.ones(1)},
        SINGLE | {"betas": torch.ones(1)},
    ),
    "network under another prefix": (whole(diffusion_model=NETWORK), WHOLE_NETWORK),
    "network alone": (NETWORK, WHOLE_NETWORK),
    "diffusers' network alone": (DIFFUSERS_NETWORK, WHOLE_NETWORK),
    "autoencoder alone": (AUTOENCODER, AUTOENCODER),
    "control network": (
        {name: t for name, t in NETWORK.items() if not name.startswith("out")}
        | {"zero_convs.0.0.weight": torch.ones(1)},
        {name: t for name, t in NETWORK.items() if not name.startswith("out")}
        | {"zero_convs.0.0.weight": torch.ones(1)},
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_understood(spelling: str) -> None:
    given, wanted = SPELLINGS[spelling]

    assert same(canonical(Held(given)), wanted)


def test_encoder_of_sd2_in_the_place_of_another_is_moved() -> None:
    tokens = torch.zeros(5, 1024)
    tensors = WHOLE_NETWORK | {"conditioner.embedders.0.model.token_embedding.weight": tokens}

    found = canonical(Held(tensors))

    assert "cond_stage_model.model.token_embedding.weight" in found
    refiner = tensors | {"conditioner.embedders.0.model.token_embedding.weight": torch.zeros(5, 1280)}
    assert set(canonical(Held(refiner))) == set(refiner)


@pytest.mark.parametrize(
    "given",
    [
        AUTOENCODER,
        SINGLE,
        DIFFUSERS_VAE,
        dict(LAYOUTS["diffusers-vae-old"].written(AUTOENCODER)),
        whole(vae=AUTOENCODER),
        AUTOENCODER | {"loss.logvar": torch.ones(1), "model_ema.decay": torch.ones(1)},
    ],
    ids=["bare", "whole", "diffusers", "older diffusers", "vae", "with leftovers"],
)
def test_autoencoder_is_found_wherever_it_is(given: dict[str, Tensor]) -> None:
    assert same(autoencoder_of(Held(given)), AUTOENCODER)


def test_autoencoder_in_a_pickled_file_is_found(tmp_path: Path) -> None:
    torch.save({"state_dict": AUTOENCODER | {"loss.logvar": torch.ones(1)}}, tmp_path / "x.vae.pt")

    assert same(autoencoder_of(open_checkpoint(tmp_path / "x.vae.pt")), AUTOENCODER)


def test_file_without_autoencoder_is_told() -> None:
    with pytest.raises(MissingWeights, match="no autoencoder"):
        autoencoder_of(Held(WHOLE_NETWORK))


@pytest.mark.parametrize("ema", [False, True])
def test_averages_are_chosen_when_opening(tmp_path: Path, ema: bool) -> None:
    copies = {f"model_ema.{name.removeprefix('model.').replace('.', '')}": t + 1 for name, t in WHOLE_NETWORK.items()}
    save(tmp_path / "x.safetensors", SINGLE | copies)

    found = open_checkpoint(tmp_path / "x.safetensors", ema=ema)

    name = "model.diffusion_model.out.2.weight"
    assert torch.equal(found[name], SINGLE[name] + (1 if ema else 0))
    assert set(SINGLE) <= set(found)


def test_second_encoder_is_cut_from_the_file_itself(tmp_path: Path) -> None:
    save(tmp_path / "x.safetensors", whole(x=dict(LAYOUTS["openclip"].written(SECOND))) | WHOLE_NETWORK)
    opened = open_checkpoint(tmp_path / "x.safetensors")

    joined = opened["x.transformer.resblocks.0.attn.in_proj_weight"]
    part = opened.piece("x.transformer.resblocks.0.attn.in_proj_weight", 1, 3)

    assert part.data_ptr() == joined[12:].data_ptr()


MODELS: dict[str, dict[str, Tensor]] = {
    "sd1": SINGLE,
    "sd2": WHOLE_NETWORK | whole(cond_stage_model__model=dict(LAYOUTS["openclip"].written(SECOND))),
    "sdxl": WHOLE_NETWORK
    | whole(conditioner__embedders__0__transformer=ENCODER)
    | whole(conditioner__embedders__1__model=dict(LAYOUTS["openclip"].written(SECOND))),
    "refiner": WHOLE_NETWORK | whole(conditioner__embedders__0__model=dict(LAYOUTS["openclip"].written(SECOND))),
}


@pytest.mark.parametrize("kind", MODELS)
def test_taking_apart_and_putting_together_changes_nothing(kind: str) -> None:
    parts = disassembled(Held(MODELS[kind]))
    activations = {"text_encoder": "gelu" if kind == "sd2" else "quick_gelu", "text_encoder_2": "gelu"}

    assert same(assembled(parts, activations=activations), MODELS[kind])
    assert all(not name.startswith(("model.", "cond_stage", "conditioner")) for part in parts.values() for name in part)
