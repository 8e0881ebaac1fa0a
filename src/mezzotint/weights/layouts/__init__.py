"""Layouts: other people's names for the same tensors. One file per rename table; a line here adds it."""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.weights.renaming import Layout, SizedLayout

LAYOUTS: "Registry[Layout | SizedLayout]" = Registry(
    "weight layout",
    {
        "clip-flat": "mezzotint.weights.layouts.clip_flat:CLIP_FLAT",
        "openclip": "mezzotint.weights.layouts.openclip:OPENCLIP",
        "tiny-decoder": "mezzotint.weights.layouts.tiny_decoder:TINY_DECODER",
        "diffusers-unet": "mezzotint.weights.layouts.diffusers_unet:DIFFUSERS_UNET",
        "diffusers-vae": "mezzotint.weights.layouts.diffusers_vae:DIFFUSERS_VAE",
        "diffusers-vae-old": "mezzotint.weights.layouts.diffusers_vae:OLD_DIFFUSERS_VAE",
    },
    group="mezzotint.layouts",
)
