"""Moving averages stand in for the weights they are of, all of them or none."""

import pytest
import torch

from mezzotint.errors import MissingWeights
from mezzotint.nn.unet import UNet, UNetConfig
from mezzotint.weights.averages import averaged, has_averages, with_dots, without_dots
from mezzotint.weights.tensors import Held

NETWORK = "model.diffusion_model."
WEIGHTS = {
    f"{NETWORK}out.2.weight": torch.tensor([1.0]),
    f"{NETWORK}middle_block.1.transformer_blocks.0.attn2.to_k.weight": torch.tensor([2.0]),
    "first_stage_model.decoder.conv_in.weight": torch.tensor([3.0]),
}
AVERAGES = {
    "model_ema.diffusion_modelout2weight": torch.tensor([1.5]),
    "model_ema.diffusion_modelmiddle_block1transformer_blocks0attn2to_kweight": torch.tensor([2.5]),
    "model_ema.decay": torch.tensor(0.999),
    "model_ema.num_updates": torch.tensor(7),
}


def test_averages_take_the_place_of_their_weights() -> None:
    tensors = averaged(Held(WEIGHTS | AVERAGES))

    assert {name: tensor.item() for name, tensor in tensors.items()} == dict(zip(WEIGHTS, [1.5, 2.5, 3.0], strict=True))
    assert not has_averages(tensors)


def test_file_of_averages_alone_gets_the_names_of_weights() -> None:
    tensors = averaged(Held(AVERAGES))

    assert set(tensors) == {name for name in WEIGHTS if name.startswith(NETWORK)}


def test_file_without_averages_is_as_it_was() -> None:
    tensors = Held(WEIGHTS | {"model_ema.decay": torch.tensor(0.999)})

    assert averaged(tensors) is tensors
    assert not has_averages(tensors)


def test_half_a_set_of_averages_is_refused() -> None:
    some = {name: tensor for name, tensor in AVERAGES.items() if "middle" not in name}

    with pytest.raises(MissingWeights, match="1 of 2 weights have no average"):
        averaged(Held(WEIGHTS | some))


def test_every_name_of_a_unet_is_told_again_without_its_dots() -> None:
    with torch.device("meta"):
        names = [f"{NETWORK}{name}" for name in UNet(UNetConfig()).state_dict()]
    names += [f"{NETWORK}{name}" for name in ("label_emb.0.0.weight", "label_emb.0.2.bias", "label_emb.weight")]
    names += [f"{NETWORK}input_blocks.8.1.transformer_blocks.9.attn2.to_out.0.bias"]  # SDXL

    assert [with_dots(without_dots(name)) for name in names] == names
    assert len({without_dots(name) for name in names}) == len(names)


def test_names_that_are_none_of_a_unet_are_left() -> None:
    assert with_dots("model_ema.other") == "model_ema.other"
    assert with_dots("model_ema.diffusion_modeloddblock1weight") == "model_ema.diffusion_modeloddblock1weight"
