"""Stable Diffusion XL: two text encoders, the picture's sizes as a condition (Podell et al. 2023, arXiv:2307.01952)."""

import torch
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.families.family import ANY, EncodedText, Family, Frame, LatentSpace, Part, TextPart, TinyPart
from mezzotint.nn.autoencoder import AutoencoderConfig
from mezzotint.nn.clip_text import OPENCLIP_BIG_G, CLIPTextConfig
from mezzotint.nn.unet import UNetConfig, sinusoid
from mezzotint.shapes import Vector

_NUMBER_WIDTH = 256  # features for each number that the network is told


def condition(text: EncodedText, frame: Frame) -> Conditioning:
    """Both encoders side by side; the pooled text and six sizes in pixels as one vector (§2.2)."""
    numbers = (*frame.original_size, *frame.crop, *frame.target_size)
    return Conditioning(
        context=torch.cat([text["clip_l"].tokens, text["clip_g"].tokens], dim=-1),
        vector=with_numbers(text["clip_g"].pooled, numbers),
    )


def with_numbers(pooled: Tensor | None, numbers: tuple[float, ...]) -> Vector:
    """The text's one vector, then the sinusoids of the numbers."""
    assert pooled is not None, "the table of text encoders says pooled"
    waves = sinusoid(torch.tensor(numbers, dtype=torch.float32, device=pooled.device), _NUMBER_WIDTH)
    return torch.cat([pooled, waves.reshape(1, -1).expand(len(pooled), -1).to(pooled.dtype)], dim=-1)


SDXL_LATENTS = LatentSpace(
    channels=4,
    cell_px=8,
    scale=0.13025,
    # T. A. Vass, "Explaining the SDXL latent space" (Hugging Face, 2023), from 0..255 to −1..1.
    preview_rgb=(
        (0.4706, 0.4706, 0.4706),
        (-0.4706, -0.0392, 0.0784),
        (0.1961, 0.1176, -0.0392),
        (-0.5490, -0.3922, -0.2745),
    ),
    preview_offset=(0.1765, 0.0980, 0.0196),
)
"""The latents of the autoencoder that the base model and the refiner share."""


def big_g(prefix: str) -> TextPart:
    """The larger text encoder, which lies in other places in the files of base model and refiner."""
    return TextPart(prefix, OPENCLIP_BIG_G, layout="openclip", skip=2, normed=False, pooled=True, padding=0)


SDXL = Family(
    name="sdxl",
    title="Stable Diffusion XL",
    native_px=1024,
    network=Part(
        "model.diffusion_model.",
        UNetConfig(
            channels=(320, 640, 1280),
            depths=(0, 2, 10),
            middle_depth=10,
            head_width=64,
            context=2048,
            linear=True,
            vector=2816,
        ),
    ),
    autoencoder=Part("first_stage_model.", AutoencoderConfig()),
    text_encoders={
        "clip_l": TextPart(
            "conditioner.embedders.0.transformer.", CLIPTextConfig(), skip=2, normed=False, clip_skip="if asked"
        ),
        "clip_g": big_g("conditioner.embedders.1.model."),
    },
    latents=SDXL_LATENTS,
    noise_process=discrete(scaled_linear(0.00085, 0.012, steps=1000), predicts="noise"),
    condition=condition,
    signature={
        "model.diffusion_model.input_blocks.0.0.weight": (320, ANY, 3, 3),
        "model.diffusion_model.label_emb.0.0.weight": (1280, 2816),
        "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
        "model.diffusion_model.input_blocks.8.1.transformer_blocks.0.attn2.to_k.weight": (1280, 2048),
    },
    variants={8: "instruct", 9: "inpainting"},
    zeroes_empty_negative=True,
    tiny_autoencoder=TinyPart("taesdxl"),
)
