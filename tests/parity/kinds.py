"""Every kind of checkpoint at full and at reduced widths: our table, and the sizes in other people's terms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from mezzotint.families.family import ANY, Encoded, Family, Frame
from mezzotint.families.sd1 import SD1
from mezzotint.families.sd2 import SD2
from mezzotint.families.sd_x4 import SD_X4_UPSCALER
from mezzotint.families.sdxl import SDXL
from mezzotint.families.sdxl_refiner import SDXL_REFINER
from mezzotint.nn.autoencoder import AutoencoderConfig
from mezzotint.nn.unet import UNet, UNetConfig
from tests.parity import twins
from tests.parity.measures import randn
from tests.parity.twins import Twin

WITH, WITHOUT = "CrossAttnDownBlock2D", "DownBlock2D"
UP_WITH, UP_WITHOUT = "CrossAttnUpBlock2D", "UpBlock2D"

_SD1 = {
    "block_out_channels": (320, 640, 1280, 1280),
    "cross_attention_dim": 768,
    "attention_head_dim": 8,  # which is how diffusers names the number of heads
    "down_block_types": (WITH, WITH, WITH, WITHOUT),
    "up_block_types": (UP_WITHOUT, UP_WITH, UP_WITH, UP_WITH),
}
_SD2 = _SD1 | {"cross_attention_dim": 1024, "attention_head_dim": (5, 10, 20, 20), "use_linear_projection": True}
_X4 = {
    "block_out_channels": (256, 512, 512, 1024),
    "cross_attention_dim": 1024,
    "attention_head_dim": 8,
    "use_linear_projection": True,
    "num_class_embeds": 1000,
    "only_cross_attention": (True, True, True, False),
    "down_block_types": (WITHOUT, WITH, WITH, WITH),
    "up_block_types": (UP_WITH, UP_WITH, UP_WITH, UP_WITHOUT),
}
_SDXL = {
    "block_out_channels": (320, 640, 1280),
    "cross_attention_dim": 2048,
    "attention_head_dim": (5, 10, 20),
    "use_linear_projection": True,
    "transformer_layers_per_block": (1, 2, 10),
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
    "down_block_types": (WITHOUT, WITH, WITH),
    "up_block_types": (UP_WITH, UP_WITH, UP_WITHOUT),
}
_REFINER = _SDXL | {
    "block_out_channels": (384, 768, 1536, 1536),
    "cross_attention_dim": 1280,
    "attention_head_dim": (6, 12, 24, 24),
    "transformer_layers_per_block": 4,
    "projection_class_embeddings_input_dim": 2560,
    "down_block_types": (WITHOUT, WITH, WITH, WITHOUT),
    "up_block_types": (UP_WITHOUT, UP_WITH, UP_WITH, UP_WITHOUT),
}

CLIP_L = {"width": 768, "layers": 12, "heads": 12}
CLIP_H = {"width": 1024, "layers": 24, "heads": 16, "activation": "gelu", "projection": 1024, "is_openclip": True}
CLIP_G = {"width": 1280, "layers": 32, "heads": 20, "activation": "gelu", "projection": 1280, "is_openclip": True}

SMALL_WIDTH = 64
"""Of a reduced text encoder."""


@dataclass(frozen=True)
class Kind:
    """A kind of checkpoint: our table of it, and arguments for the twins of its networks."""

    family: Family
    in_channels: int
    network: Mapping[str, Any]  # Any: diffusers' own arguments
    text: Mapping[str, Mapping[str, Any]]  # Any: transformers' own
    autoencoder: tuple[int, ...] = (128, 256, 512, 512)

    def network_twin(self) -> Twin:
        return twins.unet(self.family.network.prefix, in_channels=self.in_channels, **self.network)

    def autoencoder_twin(self) -> Twin:
        return twins.autoencoder(self.family.autoencoder.prefix, self.autoencoder)

    def text_twins(self) -> dict[str, Twin]:
        parts = self.family.text_encoders
        return {name: twins.text_encoder(parts[name].prefix, **sizes) for name, sizes in self.text.items()}


FULL: dict[str, Kind] = {
    "sd1": Kind(SD1, 4, _SD1, {"clip_l": CLIP_L}),
    "sd1-instruct": Kind(SD1, 8, _SD1, {"clip_l": CLIP_L}),
    "sd1-inpainting": Kind(SD1, 9, _SD1, {"clip_l": CLIP_L}),
    "sd2": Kind(SD2, 4, _SD2, {"clip_h": CLIP_H}),
    "sd2-depth": Kind(SD2, 5, _SD2, {"clip_h": CLIP_H}),
    "sd2-inpainting": Kind(SD2, 9, _SD2, {"clip_h": CLIP_H}),
    "sd-x4-upscaler": Kind(SD_X4_UPSCALER, 7, _X4, {"clip_h": CLIP_H}, (128, 256, 512)),
    "sdxl": Kind(SDXL, 4, _SDXL, {"clip_l": CLIP_L, "clip_g": CLIP_G}),
    "sdxl-inpainting": Kind(SDXL, 9, _SDXL, {"clip_l": CLIP_L, "clip_g": CLIP_G}),
    "sdxl-refiner": Kind(SDXL_REFINER, 4, _REFINER, {"clip_g": CLIP_G}),
}


def reduced(kind: Kind) -> Kind:
    """The kind at a tenth of its widths or less, with the same tensors by name and the same number of blocks."""
    channels = {
        (320, 640, 1280, 1280): (32, 64, 128, 128),
        (256, 512, 512, 1024): (32, 64, 64, 128),
        (320, 640, 1280): (32, 64, 128),
        (384, 768, 1536, 1536): (32, 64, 128, 128),
    }[kind.family.network.config.channels]
    text = {name: dict(sizes) | {"width": SMALL_WIDTH, "layers": 3, "heads": 4} for name, sizes in kind.text.items()}
    for sizes in text.values():
        sizes.update({"projection": SMALL_WIDTH} if "projection" in sizes else {})
    context = SMALL_WIDTH * len(text)
    network = dict(kind.network) | {"block_out_channels": channels, "cross_attention_dim": context}
    has_head_width = kind.family.network.config.head_width is not None
    network["attention_head_dim"] = tuple(width // 16 for width in channels) if has_head_width else 4
    vector = kind.family.network.config.vector
    if vector is not None:
        vector = vector - 1280 + SMALL_WIDTH
        network["projection_class_embeddings_input_dim"] = vector
    autoencoder = (32, 64, 128, 128)[: len(kind.autoencoder)]
    return replace(
        kind,
        family=_reduced(kind.family, channels, context, vector, autoencoder),
        network=network,
        text=text,
        autoencoder=autoencoder,
    )


def _reduced(
    family: Family, channels: tuple[int, ...], context: int, vector: int | None, autoencoder: tuple[int, ...]
) -> Family:
    config = family.network.config
    head_width = None if config.head_width is None else 16
    small: UNetConfig = replace(
        config, channels=channels, context=context, vector=vector, heads=4, head_width=head_width
    )
    return replace(
        family,
        network=replace(family.network, config=small),
        autoencoder=replace(family.autoencoder, config=AutoencoderConfig(channels=autoencoder)),
        text_encoders={
            name: replace(
                part,
                config=replace(
                    part.config,
                    width=SMALL_WIDTH,
                    layers=2 if part.config.layers == 23 else 3,
                    heads=4,
                    projection=part.config.projection and SMALL_WIDTH,
                ),
            )
            for name, part in family.text_encoders.items()
        },
        signature={f"{family.network.prefix}input_blocks.0.0.weight": (channels[0], ANY, 3, 3)},
    )


@torch.inference_mode()
def predictions(kind: Kind, ours: UNet, theirs: nn.Module) -> tuple[Tensor, Tensor]:
    """What both networks make of the same latents and conditions, at two timesteps, one of them fractional."""
    x, timesteps = randn(2, kind.in_channels, 8, 16), torch.tensor([353.890411, 999.0])
    pooled = {
        name: randn(1, part.config.projection or 0) if part.pooled else None
        for name, part in kind.family.text_encoders.items()
    }
    text = {
        name: Encoded(randn(1, 77, part.config.width), pooled[name]) for name, part in kind.family.text_encoders.items()
    }
    frame = Frame(width=1216, height=832, original=(768, 1024), crop=(8, 16), aesthetic_score=5.5, noise_level=37)
    told = kind.family.condition(text, frame).rows(2)
    context = torch.cat([one.tokens for one in text.values()], dim=-1).expand(2, -1, -1)

    extra = dict[str, Any]()  # Any: diffusers' own arguments
    if kind.family.network.config.labels is not None:
        extra = {"class_labels": torch.tensor([37, 37])}
    elif kind.family.network.config.vector is not None:
        last = (832.0, 1216.0) if kind.family.name == "sdxl" else (5.5,)
        numbers = torch.tensor([[768.0, 1024.0, 8.0, 16.0, *last]] * 2)
        of_g = pooled["clip_g"]
        assert of_g is not None
        extra = {"added_cond_kwargs": {"text_embeds": of_g.expand(2, -1), "time_ids": numbers}}
    return ours(x, timesteps, told.context, told.vector, told.labels), theirs(x, timesteps, context, **extra).sample
