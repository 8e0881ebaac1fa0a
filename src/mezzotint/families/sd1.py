"""Stable Diffusion 1: CLIP ViT-L/14, a U-Net trained on noise, 512 px (Rombach et al. 2022, arXiv:2112.10752)."""

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.families.family import ANY, EncodedText, Family, Frame, LatentSpace, Part, TextPart, TinyPart
from mezzotint.nn.autoencoder import AutoencoderConfig
from mezzotint.nn.clip_text import CLIPTextConfig
from mezzotint.nn.unet import UNetConfig


def condition(text: EncodedText, frame: Frame) -> Conditioning:
    """The tokens of the one encoder; the size of the picture is not told."""
    return Conditioning(context=text["clip_l"].tokens)


SD1_LATENTS = LatentSpace(
    channels=4,
    cell_px=8,
    scale=0.18215,
    # The linear fit that was published on the Hugging Face forum ("Decoding latents to RGB without upscaling").
    preview_rgb=((0.298, 0.207, 0.208), (0.187, 0.286, 0.173), (-0.158, 0.189, 0.264), (-0.184, -0.271, -0.473)),
)
"""The latents of the autoencoder that Stable Diffusion 1 and 2 share."""

SD1 = Family(
    name="sd1",
    title="Stable Diffusion 1.x",
    native_px=512,
    network=Part("model.diffusion_model.", UNetConfig()),
    autoencoder=Part("first_stage_model.", AutoencoderConfig()),
    text_encoders={
        "clip_l": TextPart("cond_stage_model.transformer.", CLIPTextConfig(), layout="clip-flat", clip_skip="always")
    },
    latents=SD1_LATENTS,
    noise_process=discrete(scaled_linear(0.00085, 0.012, steps=1000), predicts="noise"),
    condition=condition,
    signature={
        "model.diffusion_model.input_blocks.0.0.weight": (320, ANY, 3, 3),
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
        "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight": (1280, 768),
        "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
    },
    variants={8: "instruct", 9: "inpainting"},
    tiny_autoencoder=TinyPart("taesd"),
)
