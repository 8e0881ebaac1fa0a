"""One captioned cut-out before and after drawing, and how a drawing is laid into its square."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

SIZE_PX = 128
_MARGIN = 0.05
_FAINTEST = 8  # alpha at or below this is not part of the drawing


class Undrawable(ValueError):
    """A file of a source that cannot be drawn: damaged, empty, or larger than there is patience for."""


@dataclass(frozen=True)
class Candidate:
    """A picture that a source offers: its words now, its pixels when ``draw`` is called.

    ``draw`` may raise Undrawable or OSError for a damaged file; the picture is then dropped. ``is_cut_out`` is False
    for photographs, which fill their square. ``extra`` holds further JSON fields: creator, view, crop, tint, style2.
    """

    label: str
    draw: Callable[[], Image.Image]
    tags: tuple[str, ...] = ()
    category: str = ""
    is_cut_out: bool = True
    extra: dict[str, str | int] = field(default_factory=dict[str, str | int])


def fit(picture: Image.Image) -> Image.Image | None:
    """The drawing cropped to what is visible and centred in 128 x 128 px with a margin of 5 %; None if it is empty."""
    picture = picture.convert("RGBA")
    box = picture.getchannel("A").point([255 if a > _FAINTEST else 0 for a in range(256)]).getbbox()
    if box is None:
        return None
    picture = picture.crop(box)
    room = round(SIZE_PX * (1 - 2 * _MARGIN))
    scale = min(room / picture.width, room / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (SIZE_PX, SIZE_PX), (255, 255, 255, 0))
    square.paste(picture, ((SIZE_PX - size[0]) // 2, (SIZE_PX - size[1]) // 2))
    return square


def fill(picture: Image.Image) -> Image.Image:
    """A square photograph at 128 x 128 px, opaque."""
    return picture.convert("RGB").resize((SIZE_PX, SIZE_PX), Image.Resampling.LANCZOS).convert("RGBA")


def fingerprint(picture: Image.Image) -> str:
    """Equal for pictures that look the same at 24 x 24 px: how duplicates under several names are found."""
    small = picture.resize((24, 24), Image.Resampling.BOX)
    return hashlib.blake2b(small.tobytes(), digest_size=16).hexdigest()
