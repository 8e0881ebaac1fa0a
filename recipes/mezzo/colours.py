"""The thirteen colour words of the captions, and which of them a picture is made of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image

Rgb = tuple[int, int, int]

COLOURS: dict[str, Rgb] = {
    "red": (214, 40, 40),
    "orange": (245, 130, 30),
    "yellow": (250, 215, 50),
    "green": (60, 160, 70),
    "teal": (30, 160, 160),
    "blue": (50, 110, 220),
    "purple": (130, 70, 190),
    "pink": (245, 130, 180),
    "brown": (125, 80, 45),
    "beige": (225, 195, 155),
    "black": (25, 25, 28),
    "gray": (135, 138, 142),
    "white": (248, 248, 248),
}

_LUMA_WEIGHTS = np.array([0.3, 0.59, 0.11], np.float32)  # differences in green are seen best (ITU-R BT.601)
_OPAQUE = 160
_SMALLEST_SHARE = 0.12
_MOST_NAMED = 3


def dominant_colours(picture: Image.Image) -> list[str]:
    """Up to three colour words of an RGBA picture, most frequent first; each covers over 12 % of what is opaque."""
    pixels = np.asarray(picture.resize((32, 32), Image.Resampling.BOX))
    opaque = pixels[pixels[..., 3] > _OPAQUE][:, :3].astype(np.float32)
    if len(opaque) == 0:
        return []
    named = np.array(list(COLOURS.values()), np.float32)
    distances = ((opaque[:, None] - named[None]) ** 2 * _LUMA_WEIGHTS).sum(-1)
    counts = np.bincount(distances.argmin(1), minlength=len(COLOURS))
    names = list(COLOURS)
    frequent = [i for i in np.argsort(-counts, kind="stable") if counts[i] / len(opaque) > _SMALLEST_SHARE]
    return [names[i] for i in frequent[:_MOST_NAMED]]


def nearest_name(colour: str | None, among: Mapping[str, Rgb] = COLOURS) -> str | None:
    """The word for ``#rrggbb`` (an alpha may follow), or None for anything that is no such colour."""
    digits = (colour or "").removeprefix("#")[:6]
    try:
        rgb = np.array(list(bytes.fromhex(digits)), np.float32)
    except ValueError:
        return None
    if len(rgb) != 3:
        return None
    return min(among, key=lambda name: float(((rgb - np.array(among[name])) ** 2 * _LUMA_WEIGHTS).sum()))


def hex_colour(name: str) -> str:
    """``#rrggbb`` of a colour word."""
    return "#{:02x}{:02x}{:02x}".format(*COLOURS[name])
