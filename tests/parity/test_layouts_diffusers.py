"""The rename tables against the names that diffusers and transformers give, for networks of full size."""

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.unet import UNet, UNetConfig
from mezzotint.weights.layouts import LAYOUTS
from tests.parity.oracles import autoencoder_name, network_name

_DOWN, _PLAIN_DOWN = "CrossAttnDownBlock2D", "DownBlock2D"
_UP, _PLAIN_UP = "CrossAttnUpBlock2D", "UpBlock2D"
_SD1: dict[str, Any] = dict(
    block_out_channels=(320, 640, 1280, 1280),
    cross_attention_dim=768,
    attention_head_dim=8,
    down_block_types=(*(_DOWN,) * 3, _PLAIN_DOWN),
    up_block_types=(_PLAIN_UP, *(_UP,) * 3),
)
_SDXL: dict[str, Any] = dict(
    block_out_channels=(320, 640, 1280),
    cross_attention_dim=2048,
    attention_head_dim=(5, 10, 20),
    use_linear_projection=True,
    transformer_layers_per_block=(1, 2, 10),
    addition_embed_type="text_time",
    addition_time_embed_dim=256,
    projection_class_embeddings_input_dim=2816,
    down_block_types=(_PLAIN_DOWN, _DOWN, _DOWN),
    up_block_types=(_UP, _UP, _PLAIN_UP),
)
UNETS: dict[str, dict[str, Any]] = {
    "sd1": _SD1,
    "inpainting": {**_SD1, "in_channels": 9},
    "sd2": {**_SD1, "cross_attention_dim": 1024, "attention_head_dim": (5, 10, 20, 20), "use_linear_projection": True},
    "unclip": {**_SD1, "class_embed_type": "projection", "projection_class_embeddings_input_dim": 2048},
    "sdxl": _SDXL,
    "refiner": {
        **_SDXL,
        "block_out_channels": (384, 768, 1536, 1536),
        "cross_attention_dim": 1280,
        "attention_head_dim": (6, 12, 24, 24),
        "transformer_layers_per_block": 4,
        "projection_class_embeddings_input_dim": 2560,
        "down_block_types": (_PLAIN_DOWN, _DOWN, _DOWN, _PLAIN_DOWN),
        "up_block_types": (_PLAIN_UP, _UP, _UP, _PLAIN_UP),
    },
    "x4": {
        **_SD1,
        "in_channels": 7,
        "block_out_channels": (256, 512, 512, 1024),
        "cross_attention_dim": 1024,
        "num_class_embeds": 1000,
        "only_cross_attention": (True, True, True, False),
        "down_block_types": (_PLAIN_DOWN, *(_DOWN,) * 3),
        "up_block_types": (*(_UP,) * 3, _PLAIN_UP),
    },
}
COUNTS = {"sd1": 686, "inpainting": 686, "sd2": 686, "unclip": 690, "sdxl": 1680, "refiner": 1220, "x4": 687}
"""Tensors of each, as the released files have them."""

SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "sd1": {
        "output_blocks.2.1.conv.weight": (1280, 1280, 3, 3),
        "output_blocks.5.2.conv.bias": (1280,),
        "output_blocks.6.0.in_layers.2.weight": (640, 1920, 3, 3),
    },
    "inpainting": {"input_blocks.0.0.weight": (320, 9, 3, 3)},
    "sd2": {"input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 1024)},
    "unclip": {"label_emb.0.0.weight": (1280, 2048)},
    "sdxl": {
        "label_emb.0.0.weight": (1280, 2816),
        "input_blocks.3.0.op.weight": (320, 320, 3, 3),
        "output_blocks.2.2.conv.weight": (1280, 1280, 3, 3),
        "middle_block.1.transformer_blocks.9.attn2.to_k.weight": (1280, 2048),
        "output_blocks.8.0.skip_connection.weight": (320, 640, 1, 1),
    },
    "refiner": {
        "output_blocks.2.1.conv.weight": (1536, 1536, 3, 3),
        "output_blocks.5.2.conv.weight": (1536, 1536, 3, 3),
        "label_emb.0.0.weight": (1536, 2560),
    },
    "x4": {"label_emb.weight": (1000, 1024), "output_blocks.2.2.conv.weight": (1024, 1024, 3, 3)},
}


def weights_of(library: str, kind: str, **sizes: Any) -> dict[str, Tensor]:
    """The oracle's weights, without numbers, by its own names."""
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        import diffusers
        import transformers

        module: nn.Module = getattr({"diffusers": diffusers, "transformers": transformers}[library], kind)(**sizes)
    return dict(module.named_parameters())


def shapes(tensors: Any) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


@pytest.mark.parametrize("kind", UNETS)
def test_every_unet_has_the_names_and_shapes_of_its_released_file(kind: str) -> None:
    theirs = weights_of("diffusers", "UNet2DConditionModel", **UNETS[kind])

    ours = LAYOUTS["diffusers-unet"].read(theirs)

    assert len(ours) == len(theirs) == COUNTS[kind]
    assert not any(name in theirs for name in ours)
    assert {name: ours.header.shapes[name] for name in SHAPES[kind]} == SHAPES[kind]
    assert shapes(LAYOUTS["diffusers-unet"].written(ours)) == shapes(theirs)


def test_names_of_sd1_are_those_of_our_modules() -> None:
    theirs = weights_of("diffusers", "UNet2DConditionModel", **_SD1)
    with torch.device("meta"):
        wanted = shapes(UNet(UNetConfig()).state_dict())

    read = LAYOUTS["diffusers-unet"].read(theirs)

    assert read.header.shapes == wanted
    assert list(read) == [network_name(name) for name in theirs]


@pytest.mark.parametrize("levels", [3, 4])
def test_every_autoencoder_has_the_names_of_our_modules(levels: int) -> None:
    channels = (128, 256, 512, 512)[:levels]
    theirs = weights_of(
        "diffusers",
        "AutoencoderKL",
        block_out_channels=channels,
        layers_per_block=2,
        latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
    )
    with torch.device("meta"):
        wanted = shapes(Autoencoder(AutoencoderConfig(channels=channels)).state_dict())

    ours = LAYOUTS["diffusers-vae"].read(theirs)

    assert ours.header.shapes == wanted
    assert levels != 4 or list(ours) == [autoencoder_name(name) for name in theirs]
    assert shapes(LAYOUTS["diffusers-vae"].written(ours)) == shapes(theirs)


CONTROLS = {
    "sd1": ({key: value for key, value in _SD1.items() if not key.startswith("up")}, 340, "zero_convs.11.0.weight"),
    "sdxl": ({key: value for key, value in _SDXL.items() if not key.startswith("up")}, 844, "zero_convs.8.0.bias"),
}


@pytest.mark.parametrize("kind", CONTROLS)
def test_controlnets_have_the_names_of_their_released_files(kind: str) -> None:
    sizes, count, last = CONTROLS[kind]
    theirs = weights_of("diffusers", "ControlNetModel", **sizes)

    ours = LAYOUTS["diffusers-unet"].read(theirs)

    assert len(ours) == count
    assert {last, "middle_block_out.0.weight", "input_hint_block.0.weight", "input_hint_block.14.weight"} <= set(ours)
    assert ours.header.shapes["input_hint_block.14.weight"] == (320, 256, 3, 3)
    assert shapes(LAYOUTS["diffusers-unet"].written(ours)) == shapes(theirs)


ENCODERS = {"H": (1024, 24, 16, 294), "bigG": (1280, 32, 20, 390)}


@pytest.mark.parametrize("kind", ENCODERS)
def test_openclip_encoders_have_as_many_tensors_as_released_files(kind: str) -> None:
    width, layers, heads, count = ENCODERS[kind]
    sizes = dict(hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers, num_attention_heads=heads)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers import CLIPTextConfig as TheirConfig
    ours = weights_of("transformers", "CLIPTextModelWithProjection", config=TheirConfig(**sizes, projection_dim=width))

    theirs = LAYOUTS["openclip"].written(ours)

    assert len(theirs) == count - 1  # all but the scale of logits, which nobody needs
    assert theirs.header.shapes[f"transformer.resblocks.{layers - 1}.attn.in_proj_weight"] == (3 * width, width)
    assert shapes(LAYOUTS["openclip"].read(theirs)) == shapes(ours)
    with torch.device("meta"):
        wanted = shapes(CLIPText(CLIPTextConfig(width=width, layers=layers, heads=heads)).state_dict())
    assert wanted.items() <= shapes(ours).items()
