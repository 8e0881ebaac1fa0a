"""Files are recognised from their headers; a stranger is told what it is nearest to and where it differs."""

from dataclasses import replace

import pytest
import torch

from mezzotint.errors import UnrecognisedModel
from mezzotint.families.family import Family
from mezzotint.families.recognition import recognise
from mezzotint.families.sd1 import SD1
from mezzotint.families.sd2 import SD2
from mezzotint.families.sd_x4 import SD_X4_UPSCALER
from mezzotint.families.sdxl import SDXL
from mezzotint.families.sdxl_refiner import SDXL_REFINER
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.clip_text import OPENCLIP_H, CLIPText, CLIPTextConfig
from mezzotint.nn.unet import UNet
from tests.factories import header_of, shapes_of

FIRST = "model.diffusion_model.input_blocks.0.0.weight"
TELLING = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"
SD1_SHAPES, SD2_SHAPES = shapes_of(SD1), shapes_of(SD2)


def test_stable_diffusion_1_has_as_many_tensors_as_the_released_files() -> None:
    counts = {
        prefix: sum(name.startswith(prefix) for name in SD1_SHAPES)
        for prefix in ("model.diffusion_model.", "first_stage_model.", "cond_stage_model.")
    }

    assert counts == {"model.diffusion_model.": 686, "first_stage_model.": 248, "cond_stage_model.": 196}


# Tensors and parameters of the released files, text encoders as OpenCLIP has them counted apart.
SIZES = {
    "sd1": (SD1, 4, 686, 859_520_964),
    "sd1-inpainting": (SD1, 9, 686, 859_535_364),
    "sd1-instruct": (SD1, 8, 686, 859_532_484),
    "sd2": (SD2, 4, 686, 865_910_724),
    "sd2-depth": (SD2, 5, 686, 865_913_604),
    "sd2-inpainting": (SD2, 9, 686, 865_925_124),
    "sd-x4-upscaler": (SD_X4_UPSCALER, 7, 687, 473_398_020),
    "sdxl": (SDXL, 4, 1680, 2_567_463_684),
    "sdxl-inpainting": (SDXL, 9, 1680, 2_567_478_084),
    "sdxl-refiner": (SDXL_REFINER, 4, 1220, 2_259_526_660),
}


@pytest.mark.parametrize("kind", SIZES)
def test_the_network_has_as_many_tensors_and_parameters_as_the_released_one(kind: str) -> None:
    family, channels, tensors, parameters = SIZES[kind]
    config = replace(family.network.config, in_channels=channels)
    with torch.device("meta"):
        network = UNet(config)

    assert len(network.state_dict()) == tensors
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


@pytest.mark.parametrize(
    ("family", "tensors", "parameters"), [(SD2, 248, 83_653_863), (SD_X4_UPSCALER, 204, 55_325_927)]
)
def test_the_autoencoder_has_as_many_tensors_and_parameters(family: Family, tensors: int, parameters: int) -> None:
    with torch.device("meta"):
        autoencoder = Autoencoder(family.autoencoder.config)

    assert len(autoencoder.state_dict()) == tensors
    assert sum(parameter.numel() for parameter in autoencoder.parameters()) == parameters


@pytest.mark.parametrize(
    ("config", "tensors", "parameters"),
    [
        (SD1.text_encoders["clip_l"].config, 196, 123_060_480),
        (SD2.text_encoders["clip_h"].config, 372, 340_387_840),
        (OPENCLIP_H, 389, 354_032_640),
        (SDXL.text_encoders["clip_g"].config, 517, 694_659_840),
    ],
    ids=["L", "H without its last layer", "H", "bigG"],
)
def test_text_encoders_have_as_many_tensors_and_parameters(
    config: CLIPTextConfig, tensors: int, parameters: int
) -> None:
    with torch.device("meta"):
        encoder = CLIPText(config)

    assert len(encoder.state_dict()) == tensors
    assert sum(parameter.numel() for parameter in encoder.parameters()) == parameters


@pytest.mark.parametrize("channels", [8, 9])
def test_input_channels_of_the_file_narrow_the_family(channels: int) -> None:
    found = recognise(header_of(SD1_SHAPES | {FIRST: (320, channels, 3, 3)}))

    assert found.name == "sd1"
    assert found.network.config.in_channels == channels


def test_files_with_the_network_alone_are_recognised() -> None:
    only = {name: shape for name, shape in shapes_of(SDXL).items() if name.startswith("model.diffusion_model.")}

    assert recognise(header_of(only)).name == "sdxl"


def test_a_velocity_marker_changes_what_the_network_predicts() -> None:
    marked = recognise(header_of(SD1_SHAPES | {"v_pred": (0,)}))
    told = recognise(header_of(SD1_SHAPES, {"modelspec.prediction_type": "v"}))

    assert marked.noise_process.predicts == told.noise_process.predicts == "velocity"
    assert marked.native_px == SD1.native_px
    assert recognise(header_of(SD1_SHAPES)).noise_process.predicts == "noise"


def test_pictures_are_larger_where_stable_diffusion_2_predicts_velocity() -> None:
    found = recognise(header_of(SD2_SHAPES), prediction="velocity")

    assert (found.noise_process.predicts, found.native_px) == ("velocity", 768)
    assert recognise(header_of(SD2_SHAPES)).native_px == 512


@pytest.mark.parametrize(("spread", "predicts"), [(0.02, "noise"), (0.089, "noise"), (0.091, "velocity")])
def test_a_norm_decides_for_stable_diffusion_2_whose_file_says_nothing(spread: float, predicts: str) -> None:
    tensors = {TELLING: torch.tensor([3 - spread, 3 + spread] * 160, dtype=torch.float16)}

    assert recognise(header_of(SD2_SHAPES), tensors=lambda: tensors).noise_process.predicts == predicts


def test_a_file_that_says_what_it_is_is_not_opened_for_it() -> None:
    def refuse() -> dict[str, torch.Tensor]:
        raise AssertionError("opened")

    assert recognise(header_of(SD2_SHAPES | {"v_pred": (0,)}), tensors=refuse).noise_process.predicts == "velocity"
    assert recognise(header_of(SD1_SHAPES), tensors=refuse).noise_process.predicts == "noise"


@pytest.mark.parametrize("channels", [5, 9])
def test_depth_and_inpainting_models_are_of_the_noise_kind_whatever_the_norm_says(channels: int) -> None:
    tensors = {TELLING: torch.tensor([-1.0, 1.0] * 160)}
    header = header_of(SD2_SHAPES | {FIRST: (320, channels, 3, 3)})

    assert recognise(header, tensors=lambda: tensors).noise_process.predicts == "noise"


def test_what_a_file_says_counts_more_than_its_norm_and_a_person_more_than_the_file() -> None:
    header = header_of(SD2_SHAPES, {"modelspec.prediction_type": "epsilon"})
    tensors = {TELLING: torch.tensor([-1.0, 1.0] * 160)}

    assert recognise(header, tensors=lambda: tensors).noise_process.predicts == "noise"
    assert recognise(header, tensors=lambda: tensors, prediction="velocity").noise_process.predicts == "velocity"


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        ("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight", "Stable Diffusion 3"),
        ("model.diffusion_model.double_blocks.0.img_attn.qkv.weight", "Flux"),
        ("model.diffusion_model.input_blocks.1.0.time_stack.in_layers.0.weight", "Stable Video Diffusion"),
        ("edm_vpred.sigma_max", "CosXL"),
        ("edm_mean", "Playground 2.5"),
        ("cond_stage_model.roberta.embeddings.word_embeddings.weight", "AltDiffusion"),
        ("embedder.model.visual.proj", "unCLIP"),
        ("model.diffusion_model.time_embed.cond_proj.weight", "LCM"),
    ],
)
def test_a_kind_that_is_known_by_name_only_is_named(extra: str, what: str) -> None:
    with pytest.raises(UnrecognisedModel, match=rf"this is .*{what}"):
        recognise(header_of(shapes_of(SDXL) | {extra: (1, 1)}))


def test_a_tensor_that_should_not_be_there_is_told() -> None:
    with pytest.raises(UnrecognisedModel, match=r"nearest to sd2, but has 'model\.diffusion_model\.label_emb\.0\.0"):
        recognise(header_of(SD2_SHAPES | {"model.diffusion_model.label_emb.0.0.weight": (1280, 1536)}))


def test_leftovers_do_not_matter() -> None:
    extra = {"betas": (1000,), "cond_stage_model.transformer.text_model.embeddings.position_ids": (1, 77)}

    assert recognise(header_of(SD1_SHAPES | extra)) == SD1


def test_a_stranger_is_told_its_nearest_family_and_where_it_differs() -> None:
    name = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
    wide = {
        key: (*shape[:-1], 999) if key.endswith("attn2.to_k.weight") else shape for key, shape in SD1_SHAPES.items()
    }

    with pytest.raises(UnrecognisedModel, match=r"nearest to sd1.*\(320, 999\).*\(320, 768\)") as caught:
        recognise(header_of(wide))

    assert name in caught.value.message
    assert "sd1, sd2" in caught.value.hint


def test_another_kind_of_file_is_told_what_it_lacks() -> None:
    with pytest.raises(UnrecognisedModel, match=r"has no 'model\.diffusion_model"):
        recognise(header_of({"lora_unet_down_blocks_0.lora_up.weight": (320, 4)}))


def test_an_empty_file_is_told() -> None:
    with pytest.raises(UnrecognisedModel, match="no tensors"):
        recognise(header_of({}))
