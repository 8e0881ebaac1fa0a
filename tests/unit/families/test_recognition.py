"""Files are recognised from their headers; a stranger is told what it is nearest to and where it differs."""

import pytest

from mezzotint.errors import UnrecognisedModel
from mezzotint.families.recognition import recognise
from mezzotint.families.sd1 import SD1
from tests.factories import header_of, shapes_of

FIRST = "model.diffusion_model.input_blocks.0.0.weight"
SD1_SHAPES = shapes_of(SD1)


def test_stable_diffusion_1_has_as_many_tensors_as_the_released_files() -> None:
    counts = {
        prefix: sum(name.startswith(prefix) for name in SD1_SHAPES)
        for prefix in ("model.diffusion_model.", "first_stage_model.", "cond_stage_model.")
    }

    assert counts == {"model.diffusion_model.": 686, "first_stage_model.": 248, "cond_stage_model.": 196}


@pytest.mark.parametrize("channels", [8, 9])
def test_input_channels_of_the_file_narrow_the_family(channels: int) -> None:
    found = recognise(header_of(SD1_SHAPES | {FIRST: (320, channels, 3, 3)}))

    assert found.name == "sd1"
    assert found.network.config.in_channels == channels


def test_a_velocity_marker_changes_what_the_network_predicts() -> None:
    marked = recognise(header_of(SD1_SHAPES | {"v_pred": (0,)}))
    told = recognise(header_of(SD1_SHAPES, {"modelspec.prediction_type": "v"}))

    assert marked.noise_process.predicts == told.noise_process.predicts == "velocity"
    assert recognise(header_of(SD1_SHAPES)).noise_process.predicts == "noise"


def test_leftovers_do_not_matter() -> None:
    extra = {"betas": (1000,), "cond_stage_model.transformer.text_model.embeddings.position_ids": (1, 77)}

    assert recognise(header_of(SD1_SHAPES | extra)) == SD1


def test_a_stranger_is_told_its_nearest_family_and_where_it_differs() -> None:
    name = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
    wide = {
        key: (*shape[:-1], 1024) if key.endswith("attn2.to_k.weight") else shape for key, shape in SD1_SHAPES.items()
    }

    with pytest.raises(UnrecognisedModel, match=r"nearest to sd1.*\(320, 1024\).*\(320, 768\)") as caught:
        recognise(header_of(wide))

    assert name in caught.value.message
    assert "sd1, mezzo" in caught.value.hint


def test_another_kind_of_file_is_told_what_it_lacks() -> None:
    with pytest.raises(UnrecognisedModel, match=r"has no 'model\.diffusion_model"):
        recognise(header_of({"lora_unet_down_blocks_0.lora_up.weight": (320, 4)}))


def test_an_empty_file_is_told() -> None:
    with pytest.raises(UnrecognisedModel, match="no tensors"):
        recognise(header_of({}))
