"""A checkpoint becomes a model: weights in place, other spellings read, leftovers passed over, faults named."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mezzotint.engine.loading import family_of, load_model, load_tiny_decoder
from mezzotint.errors import MissingWeights, UnrecognisedModel
from mezzotint.families.family import Model, ModelFile
from mezzotint.families.mezzo import MEZZO
from mezzotint.families.sd1 import SD1
from mezzotint.nn.tiny_autoencoder import TinyAutoencoderConfig, TinyDecoder
from mezzotint.weights.layouts import LAYOUTS
from mezzotint.weights.safetensors import open_tensors
from mezzotint.weights.saving import save
from tests.factories import checkpoint

CPU = torch.device("cpu")
TEXT = "cond_stage_model.transformer."


@pytest.fixture(scope="module")
def tensors() -> dict[str, Tensor]:
    return checkpoint(MEZZO)


def loaded(path: Path, tensors: dict[str, Tensor]) -> Model:
    save(path, tensors)
    return load_model(ModelFile("x", path, sha256=""), CPU)


def test_every_weight_is_that_of_the_file_in_float32(small_home: Path) -> None:
    path = small_home / "models" / "Stable-diffusion" / "small.safetensors"

    model = load_model(ModelFile("small", path, sha256=""), CPU)

    tensors = open_tensors(path)
    parts = {
        model.family.network.prefix: model.network,
        model.family.autoencoder.prefix: model.autoencoder,
        TEXT: model.text_encoders["clip"],
    }
    found = {prefix + name: tensor for prefix, part in parts.items() for name, tensor in part.state_dict().items()}
    assert set(found) == set(tensors)
    for name, tensor in found.items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, tensors[name].float())


def test_averages_positions_and_training_tables_are_passed_over_in_silence(
    tmp_path: Path, tensors: dict[str, Tensor], caplog: pytest.LogCaptureFixture
) -> None:
    extra = {
        f"{TEXT}text_model.embeddings.position_ids": torch.arange(32.0)[None] + 0.3,  # as merging tools leave it
        "betas": torch.zeros(1000),
        "model_ema.decay": torch.zeros(()),
    }

    with caplog.at_level(logging.WARNING):
        loaded(tmp_path / "x.safetensors", tensors | extra)

    assert caplog.records == []


def test_unknown_leftovers_are_told_once_with_their_number(
    tmp_path: Path, tensors: dict[str, Tensor], caplog: pytest.LogCaptureFixture
) -> None:
    extra = {"control_model.a": torch.zeros(1), "control_model.b": torch.zeros(1)}

    with caplog.at_level(logging.WARNING):
        loaded(tmp_path / "x.safetensors", tensors | extra)

    assert [record.getMessage() for record in caplog.records] == [
        "x holds 2 tensors that are not used, such as control_model.a"
    ]


def test_missing_weights_are_named_with_the_file(tmp_path: Path, tensors: dict[str, Tensor]) -> None:
    some = {name: tensor for name, tensor in tensors.items() if not name.startswith("first_stage_model.decoder.conv_")}

    with pytest.raises(MissingWeights, match=r"half\.safetensors: 4 of .* first_stage_model\.decoder\.conv_in"):
        loaded(tmp_path / "half.safetensors", some)


def test_a_stranger_is_named_with_the_file(tmp_path: Path) -> None:
    save(tmp_path / "strange.safetensors", {"x": torch.zeros(1)})

    with pytest.raises(UnrecognisedModel, match=r"^strange\.safetensors: "):
        family_of(tmp_path / "strange.safetensors")


@pytest.mark.parametrize(
    ("prefix", "told"), [("first_stage_model.", "autoencoder"), ("cond_stage_model.", "text encoder clip")]
)
def test_a_part_that_is_not_there_at_all_is_named(
    tmp_path: Path, tensors: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch, prefix: str, told: str
) -> None:
    monkeypatch.setattr("mezzotint.engine.loading.recognise", lambda header, **_: MEZZO)
    some = {name: tensor for name, tensor in tensors.items() if not name.startswith(prefix)}

    with pytest.raises(MissingWeights, match=rf"part\.safetensors: this mezzo file holds no {told} \({prefix}"):
        loaded(tmp_path / "part.safetensors", some)


def test_tensors_inside_the_network_that_it_does_not_take_are_told(
    tmp_path: Path, tensors: dict[str, Tensor], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        loaded(tmp_path / "x.safetensors", tensors | {"model.diffusion_model.extra.weight": torch.zeros(1)})

    assert [record.getMessage() for record in caplog.records] == [
        "x holds 1 tensors that are not used, such as model.diffusion_model.extra.weight"
    ]


def test_the_configuration_beside_a_file_says_what_the_network_predicts(
    tmp_path: Path, tensors: dict[str, Tensor]
) -> None:
    path = tmp_path / "x.safetensors"
    save(path, tensors)
    assert family_of(path).noise_process.predicts == MEZZO.noise_process.predicts == "velocity"

    path.with_suffix(".yaml").write_text("model:\n  params:\n    parameterization: eps\n")

    assert family_of(path).noise_process.predicts == "noise"
    assert family_of(path, prediction="velocity").noise_process.predicts == "velocity"


def test_a_tiny_decoder_is_read_from_the_published_names_and_from_diffusers_ones(tmp_path: Path) -> None:
    decoder = TinyDecoder(TinyAutoencoderConfig(width=8))
    save(tmp_path / "taesd_decoder.safetensors", decoder.state_dict())

    found = load_tiny_decoder(tmp_path / "taesd_decoder.safetensors", decoder.config)

    latents = torch.randn(1, 4, 3, 2)
    assert torch.equal(found(latents), decoder(latents))
    theirs = {
        f"decoder.layers.{int(name.split('.')[0]) - 1}.{name.partition('.')[2]}": tensor
        for name, tensor in decoder.state_dict().items()
    }
    save(tmp_path / "taesd.safetensors", theirs | {"encoder.layers.0.weight": torch.zeros(1)})
    assert torch.equal(load_tiny_decoder(tmp_path / "taesd.safetensors", decoder.config)(latents), decoder(latents))
    with pytest.raises(MissingWeights, match=r"^taesd_decoder\.safetensors: .* shape"):
        load_tiny_decoder(tmp_path / "taesd_decoder.safetensors")


def test_text_encoders_in_the_oldest_spelling_are_read(
    tmp_path: Path, tensors: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = replace(MEZZO.text_encoders["clip"], layout=SD1.text_encoders["clip_l"].layout)
    family = replace(MEZZO, text_encoders={"clip": part})
    monkeypatch.setattr("mezzotint.engine.loading.recognise", lambda header, **_: family)
    layout = LAYOUTS["clip-flat"]
    old = {
        (TEXT + (layout.to_theirs(name.removeprefix(TEXT)) or "")) if name.startswith(TEXT) else name: tensor
        for name, tensor in tensors.items()
    }
    assert not any("text_model" in name for name in old)

    before, after = loaded(tmp_path / "new.safetensors", tensors), loaded(tmp_path / "old.safetensors", old)

    tokens = torch.tensor([[49406, 320, 2368, 49407]])
    assert torch.equal(after.text_encoders["clip"](tokens), before.text_encoders["clip"](tokens))
