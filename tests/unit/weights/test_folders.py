"""Folders of parts open as the single file that holds the same weights; what asks for more than weights is refused."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from mezzotint.errors import ModelFileError
from mezzotint.weights.folders import is_model_folder, weight_files
from mezzotint.weights.layouts import LAYOUTS
from mezzotint.weights.opening import open_checkpoint, open_model_file
from mezzotint.weights.saving import save
from tests.unit.weights.models import AUTOENCODER, ENCODER, NETWORK, SECOND, SINGLE, same

ENCODER_LISTED = ["transformers", "CLIPTextModel"]


def write(folder: Path, *, encoders: dict[str, tuple[dict[str, Tensor], str]] | None = None, old: bool = False) -> Path:
    """A folder as diffusers saves it."""
    encoders = {"text_encoder": (ENCODER, "quick_gelu")} if encoders is None else encoders
    index = {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}
    index |= {"vae": ["diffusers", "AutoencoderKL"], "safety_checker": [None, None]} | dict.fromkeys(
        encoders, ENCODER_LISTED
    )
    save(folder / "unet" / "diffusion_pytorch_model.safetensors", LAYOUTS["diffusers-unet"].written(NETWORK))
    vae = LAYOUTS["diffusers-vae-old" if old else "diffusers-vae"].written(AUTOENCODER)
    save(folder / "vae" / "diffusion_pytorch_model.safetensors", vae)
    for name, (tensors, activation) in encoders.items():
        save(folder / name / "model.safetensors", tensors)
        (folder / name / "config.json").write_text(json.dumps({"hidden_act": activation}))
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


@pytest.mark.parametrize("old", [False, True], ids=["", "attention as before"])
def test_folder_opens_as_the_single_file_does(tmp_path: Path, old: bool) -> None:
    found = open_model_file(write(tmp_path / "model", old=old))

    assert same(found, SINGLE)
    assert found.header.shapes == {name: tuple(tensor.shape) for name, tensor in SINGLE.items()}


def test_sd2_has_its_encoder_in_the_words_of_openclip(tmp_path: Path) -> None:
    found = open_model_file(write(tmp_path / "model", encoders={"text_encoder": (SECOND, "gelu")}))

    prefix = "cond_stage_model.model."
    inner = {name.removeprefix(prefix): found[name] for name in found if name.startswith(prefix)}
    assert same(inner, dict(LAYOUTS["openclip"].written(SECOND)))
    assert "attn.in_proj_weight" in " ".join(inner)


def test_sdxl_has_its_two_encoders_in_their_places(tmp_path: Path) -> None:
    encoders = {"text_encoder": (ENCODER, "quick_gelu"), "text_encoder_2": (SECOND, "gelu")}

    found = open_model_file(write(tmp_path / "model", encoders=encoders))

    first, second = "conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."
    assert same({n.removeprefix(first): found[n] for n in found if n.startswith(first)}, ENCODER)
    read = LAYOUTS["openclip"].read({n.removeprefix(second): found[n] for n in found if n.startswith(second)})
    assert same(read, SECOND)


def test_encoder_of_the_refiner_stands_alone(tmp_path: Path) -> None:
    found = open_model_file(write(tmp_path / "model", encoders={"text_encoder_2": (SECOND, "gelu")}))

    assert "conditioner.embedders.0.model.positional_embedding" in found


def test_encoder_without_its_outer_name_is_read(tmp_path: Path) -> None:
    flat = dict(LAYOUTS["clip-flat"].written(ENCODER)) | {"embeddings.position_ids": torch.arange(7)}

    found = open_model_file(write(tmp_path / "model", encoders={"text_encoder": (flat, "quick_gelu")}))

    assert same(found, SINGLE)


def in_shards(folder: Path, tensors: dict[str, Tensor], stem: str = "diffusion_pytorch_model") -> None:
    names = sorted(tensors)
    halves = {f"{stem}-0000{i + 1}-of-00002.safetensors": names[i::2] for i in range(2)}
    for file, some in halves.items():
        save(folder / file, {name: tensors[name] for name in some})
    homes = {name: file for file, some in halves.items() for name in some}
    (folder / f"{stem}.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": homes}))


def test_part_in_several_files_is_one(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    in_shards(folder / "unet", dict(LAYOUTS["diffusers-unet"].written(NETWORK)))

    assert same(open_model_file(folder), SINGLE)
    assert len(weight_files(folder)) == 4


def test_pickled_part_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    (folder / "text_encoder" / "model.safetensors").unlink()
    torch.save(ENCODER, folder / "text_encoder" / "pytorch_model.bin")

    assert same(open_model_file(folder), SINGLE)


def test_safetensors_are_taken_and_what_lies_beside_is_not_opened(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x02cos\nmkdir\n(X\x01\0\0\0xtR.")

    assert same(open_model_file(folder), SINGLE)


def test_variant_is_taken_where_there_is_one_and_told_where_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # other libraries' set-up of logging may have silenced ours by now
    log = logging.getLogger("mezzotint.weights.folders")
    monkeypatch.setattr(log, "disabled", False)
    monkeypatch.setattr(log, "handlers", [caplog.handler])
    monkeypatch.setattr(log, "propagate", False)
    monkeypatch.setattr(log, "level", logging.WARNING)
    folder = write(tmp_path / "model")
    other = {name: tensor + 1 for name, tensor in NETWORK.items()}
    save(folder / "unet" / "diffusion_pytorch_model.non_ema.safetensors", LAYOUTS["diffusers-unet"].written(other))

    with caplog.at_level(logging.WARNING):
        plain = open_model_file(folder)
    assert same(plain, SINGLE)
    assert caplog.records == []
    with caplog.at_level(logging.WARNING):
        found = open_model_file(folder, variant="non_ema")

    assert torch.equal(found["model.diffusion_model.out.2.weight"], other["out.2.weight"])
    assert sum("no weights of the variant 'non_ema'" in record.getMessage() for record in caplog.records) == 2


def test_folder_of_one_variant_alone_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    for path in folder.glob("*/*.safetensors"):
        path.rename(path.with_suffix(".fp16.safetensors"))

    assert same(open_model_file(folder), SINGLE)


def test_scheduler_tells_how_the_model_was_trained(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    (folder / "scheduler").mkdir()
    told = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(told))

    metadata = open_model_file(folder).header.metadata

    assert metadata == {"modelspec.prediction_type": "v", "rescale_betas_zero_snr": "true"}


def test_one_part_alone_keeps_its_own_names(tmp_path: Path) -> None:
    folder = write(tmp_path / "model") / "vae"
    (folder / "config.json").write_text("{}")

    assert is_model_folder(folder)
    assert same(open_model_file(folder), dict(LAYOUTS["diffusers-vae"].written(AUTOENCODER)))


def test_any_other_folder_is_no_model(tmp_path: Path) -> None:
    assert not is_model_folder(tmp_path)
    with pytest.raises(ModelFileError) as caught:
        open_model_file(tmp_path)

    assert caught.value.fault == "not_a_model"


INDICES = {
    "own pipeline": {"_class_name": ["pipeline", "Own"]},
    "custom pipeline": {"_class_name": "X", "custom_pipeline": "own"},
    "outside": {"_class_name": "X", "../../unet": ["diffusers", "X"]},
    "own code": {"_class_name": "X", "unet": ["own", "Net"]},
    "no class": {"unet": ["diffusers", "X"]},
}


@pytest.mark.parametrize("kind", INDICES)
def test_folder_that_asks_for_code_is_refused(tmp_path: Path, kind: str) -> None:
    folder = write(tmp_path / "model")
    (folder / "unet" / "own.py").write_text("raise SystemExit")
    (folder / "model_index.json").write_text(json.dumps(INDICES[kind]))

    with pytest.raises(ModelFileError) as caught:
        open_model_file(folder)

    assert caught.value.fault == "container_refused"


def test_link_in_place_of_a_part_is_refused_and_links_to_files_are_followed(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    blob = tmp_path / "blob"
    (folder / "unet" / "diffusion_pytorch_model.safetensors").rename(blob)
    (folder / "unet" / "diffusion_pytorch_model.safetensors").symlink_to(blob)
    assert same(open_model_file(folder), SINGLE)

    (folder / "vae").rename(tmp_path / "elsewhere")
    (folder / "vae").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelFileError) as caught:
        open_model_file(folder)

    assert caught.value.fault == "container_refused"


@pytest.mark.parametrize(
    "homes",
    [
        *(
            {"x": place}
            for place in ("../canary.safetensors", "/etc/passwd", "https://x/y.safetensors", "absent.safetensors")
        ),
        *([], {}, None, {"x": 3}, {f"x{i}": "a.safetensors" for i in range(60_000)}),
        {"not in it": "part.safetensors"},
    ],
    ids=lambda homes: str(homes)[:30],
)
def test_index_that_leads_elsewhere_is_refused(tmp_path: Path, homes: Any) -> None:
    folder = write(tmp_path / "model")
    (folder / "unet" / "diffusion_pytorch_model.safetensors").rename(folder / "unet" / "part.safetensors")
    index = folder / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": homes}))

    with pytest.raises(ModelFileError) as caught:
        open_model_file(folder)

    assert caught.value.fault == "header_invalid"


@pytest.mark.parametrize("text", ["{cut", "[1]", "", "{" * 100_000])
def test_index_that_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path / "model")
    (folder / "model_index.json").write_text(text)

    with pytest.raises(ModelFileError, match=r"model: model_index\.json"):
        open_model_file(folder)


def test_missing_weights_of_a_part_are_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    (folder / "vae" / "diffusion_pytorch_model.safetensors").unlink()

    with pytest.raises(ModelFileError, match="no weights in its folder vae"):
        open_checkpoint(folder)
