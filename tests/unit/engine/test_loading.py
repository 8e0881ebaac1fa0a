"""A checkpoint becomes a model: weights in place, other spellings read, leftovers passed over, faults named."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mezzotint.engine.loading import family_of, load_model
from mezzotint.errors import MissingWeights, UnrecognisedModel
from mezzotint.families.family import Model, ModelFile
from mezzotint.families.mezzo import MEZZO
from mezzotint.families.sd1 import SD1
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


def test_text_encoders_in_the_oldest_spelling_are_read(
    tmp_path: Path, tensors: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = replace(MEZZO.text_encoders["clip"], layout=SD1.text_encoders["clip_l"].layout)
    family = replace(MEZZO, text_encoders={"clip": part})
    monkeypatch.setattr("mezzotint.engine.loading.recognise", lambda header: family)
    layout = LAYOUTS["clip-flat"]
    old = {
        (TEXT + (layout.to_theirs(name.removeprefix(TEXT)) or "")) if name.startswith(TEXT) else name: tensor
        for name, tensor in tensors.items()
    }
    assert not any("text_model" in name for name in old)

    before, after = loaded(tmp_path / "new.safetensors", tensors), loaded(tmp_path / "old.safetensors", old)

    tokens = torch.tensor([[49406, 320, 2368, 49407]])
    assert torch.equal(after.text_encoders["clip"](tokens), before.text_encoders["clip"](tokens))
