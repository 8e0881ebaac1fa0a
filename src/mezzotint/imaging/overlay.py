"""Inpainting at its two ends: what stands in the hole before sampling, and the old picture laid over the new one."""

from PIL import Image, ImageFilter

from mezzotint.imaging.masks import inverted

_CASCADE = ((256, 1), (64, 1), (16, 2), (4, 4), (2, 2), (0, 1))
"""Radii in pixels, coarse to fine, and how often each blurred copy is laid over those before it."""


def filled(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The picture with its masked part filled by the colours around it, the nearer the stronger, as RGB."""
    kept = _premultiplied(image, mask)
    whole = Image.new("RGBA", image.size)
    for radius, times in _CASCADE:
        blurred = kept.filter(ImageFilter.GaussianBlur(radius)).convert("RGBA")
        for _ in range(times):
            whole.alpha_composite(blurred)
    return whole.convert("RGB")


def kept_part(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The picture as RGBA, transparent where the mask is white and untouched where it is black."""
    return _premultiplied(image, mask).convert("RGBA")


def laid_over(result: Image.Image, kept: Image.Image) -> Image.Image:
    """The new picture with the kept part of the old one on top, as RGB: where that is opaque, byte for byte the old."""
    return Image.alpha_composite(result.convert("RGBA"), kept).convert("RGB")


def _premultiplied(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Colours already multiplied by alpha (mode RGBa), so that blurring or mixing bleeds none of the hidden ones."""
    kept = Image.new("RGBa", image.size)
    kept.paste(image.convert("RGBA").convert("RGBa"), mask=inverted(mask))
    return kept
