"""Stable Diffusion's x4 upscaler: a small picture as extra input, four times as large out (Rombach et al. 2022)."""

import torch

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.errors import require
from mezzotint.families.family import EncodedText, Family, Frame, LatentSpace, Part
from mezzotint.families.sd2 import TEXT_H
from mezzotint.nn.autoencoder import AutoencoderConfig
from mezzotint.nn.unet import UNetConfig

_NOISE_MAX = 350  # the noisiest small pictures of training


def condition(text: EncodedText, frame: Frame) -> Conditioning:
    """The tokens of the one encoder, and how much noise lies on the small picture. Raises RequestError if too much."""
    require(0 <= frame.noise_level <= _NOISE_MAX, f"noise level must be 0 to {_NOISE_MAX}, got {frame.noise_level}")
    tokens = text["clip_h"].tokens
    return Conditioning(context=tokens, labels=torch.tensor([frame.noise_level], device=tokens.device))


SD_X4_UPSCALER = Family(
    name="sd-x4-upscaler",
    title="Stable Diffusion x4 upscaler",
    native_px=512,
    network=Part(
        "model.diffusion_model.",
        UNetConfig(
            in_channels=7,
            channels=(256, 512, 512, 1024),
            depths=(0, 1, 1, 1),
            context=1024,
            linear=True,
            context_only=(1, 2),
            labels=1000,
        ),
    ),
    autoencoder=Part("first_stage_model.", AutoencoderConfig(channels=(128, 256, 512))),
    text_encoders={"clip_h": TEXT_H},
    latents=LatentSpace(
        channels=4,
        cell_px=4,
        scale=0.08333,
        preview_rgb=((0.25, 0.25, 0.25),) * 4,  # nobody has published a fit: the mean, in grey
    ),
    noise_process=discrete(scaled_linear(0.0001, 0.02, steps=1000), predicts="velocity"),
    condition=condition,
    signature={
        "model.diffusion_model.input_blocks.0.0.weight": (256, 7, 3, 3),
        "model.diffusion_model.label_emb.weight": (1000, 1024),
        "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn1.to_k.weight": (512, 1024),
        "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight": (1024, 1024),
    },
    extra_input="low-res",
    default_cfg=9.0,
)

LOW_RES_NOISE = discrete(scaled_linear(0.0001, 0.02, steps=1000), predicts="noise")
"""How noise is laid on the small picture: ``noise_level`` is a timestep of this."""
