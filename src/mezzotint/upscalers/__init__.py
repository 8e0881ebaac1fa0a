"""Upscalers: picture in, larger picture out; or latents, larger latents. A line here adds one."""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.upscalers.latent import LatentUpscaler
    from mezzotint.upscalers.upscaler import Upscaler

UPSCALERS: "Registry[Upscaler]" = Registry(
    "upscaler",
    {
        "None": "mezzotint.upscalers.upscaler:NONE",
        "Lanczos": "mezzotint.upscalers.upscaler:LANCZOS",
        "Nearest": "mezzotint.upscalers.upscaler:NEAREST",
        "R-ESRGAN AnimeVideo": "mezzotint.upscalers.upscaler:ANIME_VIDEO",
    },
    group="mezzotint.upscalers",
    aliases={
        "realesr-animevideov3": "R-ESRGAN AnimeVideo",
        "realesr-animevideov3-x2": "R-ESRGAN AnimeVideo",
        "realesr-animevideov3-x3": "R-ESRGAN AnimeVideo",
        "realesr-animevideov3-x4": "R-ESRGAN AnimeVideo",
    },
)

LATENT_UPSCALERS: "Registry[LatentUpscaler]" = Registry(
    "latent upscaler",
    {
        "Latent": "mezzotint.upscalers.latent:LATENT",
        "Latent (antialiased)": "mezzotint.upscalers.latent:LATENT_ANTIALIASED",
        "Latent (bicubic)": "mezzotint.upscalers.latent:LATENT_BICUBIC",
        "Latent (bicubic antialiased)": "mezzotint.upscalers.latent:LATENT_BICUBIC_ANTIALIASED",
        "Latent (nearest)": "mezzotint.upscalers.latent:LATENT_NEAREST",
        "Latent (nearest-exact)": "mezzotint.upscalers.latent:LATENT_NEAREST_EXACT",
    },
    group="mezzotint.latent_upscalers",
)
