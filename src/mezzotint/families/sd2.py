"""Stable Diffusion 2: OpenCLIP ViT-H/14; 512 px trained on noise or 768 px on velocity (Rombach et al. 2022)."""

from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.noise_process import Prediction, discrete, scaled_linear
from mezzotint.families.family import ABSENT, ANY, EncodedText, Family, Frame, Part, TextPart, TinyPart
from mezzotint.families.sd1 import SD1_LATENTS
from mezzotint.nn.autoencoder import AutoencoderConfig
from mezzotint.nn.clip_text import OPENCLIP_H
from mezzotint.nn.unet import UNetConfig

# The network was trained on the layer before the last; leaving the last one out lets files load that lack it.
TEXT_H = TextPart(
    "cond_stage_model.model.", replace(OPENCLIP_H, layers=23, projection=None), layout="openclip", padding=0
)
"""The text encoder of all of Stable Diffusion 2."""


def condition(text: EncodedText, frame: Frame) -> Conditioning:
    """The tokens of the one encoder; the size of the picture is not told."""
    return Conditioning(context=text["clip_h"].tokens)


_TELLING = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"
_LEAST_OF_VELOCITY = 0.09


def prediction_by_weights(tensors: Mapping[str, Tensor]) -> Prediction:
    """What a network was trained on whose file does not say: the biases of one norm spread wider under velocity.

    The threshold is the one that Forge and SD.Next have found to part the released models and their descendants.
    """
    spread = tensors[_TELLING].float().std(correction=0).item()
    return "velocity" if spread > _LEAST_OF_VELOCITY else "noise"


SD2 = Family(
    name="sd2",
    title="Stable Diffusion 2.x",
    native_px=512,
    velocity_native_px=768,
    network=Part("model.diffusion_model.", UNetConfig(head_width=64, context=1024, linear=True)),
    autoencoder=Part("first_stage_model.", AutoencoderConfig()),
    text_encoders={"clip_h": TEXT_H},
    latents=SD1_LATENTS,
    noise_process=discrete(scaled_linear(0.00085, 0.012, steps=1000), predicts="noise"),
    weigh=prediction_by_weights,
    condition=condition,
    signature={
        "model.diffusion_model.input_blocks.0.0.weight": (320, ANY, 3, 3),
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 1024),
        "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight": (1280, 1024),
        "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.attn2.to_k.weight": (320, 1024),
        "model.diffusion_model.label_emb.0.0.weight": ABSENT,  # variations of pictures and video have it
    },
    variants={5: "depth", 9: "inpainting"},
    tiny_autoencoder=TinyPart("taesd"),
)
