"""Stable Diffusion XL's refiner, for the last part of the way (Podell et al. 2023, arXiv:2307.01952, section 2.5)."""

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.families.family import EncodedText, Family, Frame, Part, TinyPart
from mezzotint.families.sdxl import SDXL_LATENTS, big_g, with_numbers
from mezzotint.nn.autoencoder import AutoencoderConfig
from mezzotint.nn.unet import UNetConfig


def condition(text: EncodedText, frame: Frame) -> Conditioning:
    """The tokens of the one encoder; its pooled text, two sizes in pixels and an aesthetic score as one vector."""
    numbers = (*frame.original_size, *frame.crop, frame.aesthetic_score)
    return Conditioning(context=text["clip_g"].tokens, vector=with_numbers(text["clip_g"].pooled, numbers))


SDXL_REFINER = Family(
    name="sdxl-refiner",
    title="Stable Diffusion XL refiner",
    native_px=1024,
    network=Part(
        "model.diffusion_model.",
        UNetConfig(
            channels=(384, 768, 1536, 1536),
            depths=(0, 4, 4, 0),
            middle_depth=4,
            head_width=64,
            context=1280,
            linear=True,
            vector=2560,
        ),
    ),
    autoencoder=Part("first_stage_model.", AutoencoderConfig()),
    text_encoders={"clip_g": big_g("conditioner.embedders.0.model.")},
    latents=SDXL_LATENTS,
    noise_process=discrete(scaled_linear(0.00085, 0.012, steps=1000), predicts="noise"),
    condition=condition,
    signature={
        "model.diffusion_model.input_blocks.0.0.weight": (384, 4, 3, 3),
        "model.diffusion_model.label_emb.0.0.weight": (1536, 2560),
        "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (768, 1280),
    },
    zeroes_empty_negative=True,
    tiny_autoencoder=TinyPart("taesdxl"),
)
