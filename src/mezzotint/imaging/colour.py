"""Colour: matching one picture's colours to another's, and a ground under transparent pictures."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_Numbers: TypeAlias = NDArray[np.float32] | NDArray[np.float64]

_RGB_TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]], np.float32
)
_XYZ_TO_RGB = np.linalg.inv(_RGB_TO_XYZ.astype(np.float64)).astype(np.float32)
_WHITE = np.array([0.950456, 1.0, 1.088754], np.float32)  # D65
_LUMINOSITY = np.array([0.299, 0.587, 0.114], np.float32)
_KNEE, _SLOPE = 0.008856, 7.787  # where CIE's cube root becomes a line


def on_background(image: Image.Image, background: str = "#ffffff") -> Image.Image:
    """The picture as RGB, what is transparent in it replaced by ``background``."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, background), image)
    return image.convert("RGB")


def colour_matched(image: Image.Image, reference: Image.Image) -> Image.Image:
    """The picture with the colours of ``reference``: its Lab histograms matched, then its own luminosity put back."""
    own, target = np.asarray(image.convert("RGB")), np.asarray(reference.convert("RGB"))
    lab, target_lab = to_lab(own), to_lab(target)
    matched = np.stack([_matched(lab[..., i], target_lab[..., i]) for i in range(3)], axis=-1)
    coloured = from_lab(matched).astype(np.float32) / 255
    mixed = _with_luminosity(coloured, (own.astype(np.float32) / 255) @ _LUMINOSITY)
    return Image.fromarray(np.rint(mixed * 255).astype(np.uint8))


def to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """CIE Lab of sRGB, last axis, in bytes: L stretched from 0..100 to 0..255, a and b raised by 128."""
    xyz = _TO_LINEAR[rgb] @ _RGB_TO_XYZ.T / _WHITE
    f = np.where(xyz > _KNEE, np.cbrt(xyz), _SLOPE * xyz + np.float32(16 / 116))
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    lab = np.stack([(116 * y - 16) * np.float32(255 / 100), 500 * (x - y) + 128, 200 * (y - z) + 128], axis=-1)
    return np.rint(np.clip(lab, 0, 255)).astype(np.uint8)


def from_lab(lab: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """sRGB of what `to_lab` makes; colours that a screen cannot show are cut off."""
    values = lab.astype(np.float32)
    y = (values[..., 0] * np.float32(100 / 255) + 16) / 116
    f = np.stack([y + (values[..., 1] - 128) / 500, y, y - (values[..., 2] - 128) / 200], axis=-1)
    knee = _SLOPE * _KNEE + 16 / 116
    xyz = np.where(f > knee, f**3, (f - np.float32(16 / 116)) / _SLOPE) * _WHITE
    linear = np.clip(xyz @ _XYZ_TO_RGB.T, 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** np.float32(1 / 2.4) - 0.055)
    return np.rint(rgb * 255).astype(np.uint8)


def _matched(values: NDArray[np.uint8], target: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each value becomes that value of the target's at or below which the same share of pixels lies."""
    counts, levels = np.bincount(values.ravel(), minlength=256), np.bincount(target.ravel(), minlength=256)
    present = np.flatnonzero(levels)
    table = np.interp(np.cumsum(counts) / values.size, np.cumsum(levels[present]) / target.size, present)
    return table.astype(np.uint8)[values]


def _with_luminosity(colours: _Numbers, luminosity: _Numbers) -> _Numbers:
    """Colours moved to another luminosity; what leaves 0..1 is drawn towards grey (W3C Compositing and Blending, §13).

    Values are 0..1, luminosity by the weights of Rec. 601.
    """
    moved = colours + (luminosity - colours @ _LUMINOSITY)[..., None]
    grey = luminosity[..., None]
    low, high = moved.min(axis=-1, keepdims=True), moved.max(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):  # where a colour is grey, which is then not chosen
        moved = np.where(low < 0, grey + (moved - grey) * grey / (grey - low), moved)
        moved = np.where(high > 1, grey + (moved - grey) * (1 - grey) / (high - grey), moved)
    return np.clip(moved, 0, 1)


def _linear(levels: _Numbers) -> _Numbers:
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + np.float32(0.055)) / np.float32(1.055)) ** 2.4)


_TO_LINEAR = _linear(np.arange(256, dtype=np.float32) / 255).astype(np.float32)
