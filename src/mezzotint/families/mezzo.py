"""Mezzo: the small model that ships with mezzotint; Stable Diffusion 1's layout at a fraction of its widths."""

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.families.family import EncodedText, Family, Frame, LatentSpace, Part, TextPart, TinyPart
from mezzotint.nn.autoencoder import AutoencoderConfig
from mezzotint.nn.clip_text import CLIPTextConfig
from mezzotint.nn.tiny_autoencoder import TinyAutoencoderConfig
from mezzotint.nn.unet import UNetConfig


def condition(text: EncodedText, frame: Frame) -> Conditioning:
    """The tokens of the one encoder."""
    return Conditioning(context=text["clip"].tokens)


MEZZO = Family(
    name="mezzo",
    title="mezzo-s",
    native_px=128,
    network=Part(
        "model.diffusion_model.",
        UNetConfig(
            in_channels=8,
            out_channels=8,
            channels=(64, 160, 320),
            blocks=1,
            depths=(0, 1, 1),
            middle_depth=1,
            head_width=32,
            context=256,
        ),
    ),
    autoencoder=Part(
        "first_stage_model.", AutoencoderConfig(channels=(24, 48, 96, 128), blocks=1, latent_channels=8, groups=8)
    ),
    text_encoders={
        "clip": TextPart(
            "cond_stage_model.transformer.",
            CLIPTextConfig(width=256, layers=4, heads=4, positions=32),
            clip_skip="always",
        )
    },
    latents=LatentSpace(
        channels=8,
        cell_px=8,
        scale=1.0,  # the autoencoder's own latents have unit variance
        preview_rgb=(
            (-0.418, -0.742, -0.731),
            (0.169, 0.251, 0.453),
            (0.264, 0.149, 0.496),
            (-0.030, -0.029, -0.123),
            (0.069, 0.031, 0.354),
            (0.102, -0.049, -0.206),
            (-0.312, -0.138, -0.326),
            (0.243, 0.337, 0.374),
        ),
        preview_offset=(0.463, 0.367, 0.276),
    ),
    noise_process=discrete(scaled_linear(0.00085, 0.012, steps=1000), predicts="velocity"),
    condition=condition,
    signature={
        "model.diffusion_model.input_blocks.0.0.weight": (64, 8, 3, 3),
        "model.diffusion_model.input_blocks.3.1.transformer_blocks.0.attn2.to_k.weight": (160, 256),
        "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight": (320, 256),
        "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": (32, 256),
    },
    tiny_autoencoder=TinyPart("mezzo-s", TinyAutoencoderConfig(latent_channels=8, width=24, blocks=1)),
    default_schedule="Karras",
    default_cfg=5.0,
)
