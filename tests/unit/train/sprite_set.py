"""A set of twenty sprites, drawn on the spot: shapes in colours, in the format that `recipes/mezzo` writes."""

import io
import json
from pathlib import Path

from PIL import Image, ImageDraw

from mezzotint.train.data.compose import COLORS

SOURCE = "shapes"
SHAPES = {
    "disc": "95 88 59 28 15 22 51 82",
    "square": "11 91 99 19",
    "triangle": "51 99 19",
    "star": "50 64 95 66 59 46 05 44",
    "bar": "04 94 96 06",
    "pole": "40 60 69 49",
    "cross": "41 61 64 94 96 66 69 49 46 16 14 44",
    "arrow": "04 54 51 95 59 56 06",
    "slash": "70 92 29 07",
    "hourglass": "11 91 65 99 19 45",
}
"""Corners of each shape: two digits each, across and down in tenths of the side."""


def shape(name: str, color: str, *, side_px: int = 128) -> Image.Image:
    """The shape on nothing."""
    picture = Image.new("RGBA", (side_px, side_px))
    corners = [(int(x) * side_px / 10, int(y) * side_px / 10) for x, y in SHAPES[name].split()]
    ImageDraw.Draw(picture).polygon(corners, fill=(*COLORS[color], 255))
    return picture


def write_sprites(folder: Path) -> Path:
    """Ten shapes, each once in a colour that may be changed and once as an icon whose colour is always chosen."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels, lines = b"", list[str]()
    for name in SHAPES:
        for tint in (None, "red"):
            color = tint or "gray"  # the same for all, so that no colour stands for a shape
            buffer = io.BytesIO()
            shape(name, color).save(buffer, "WEBP", lossless=True)
            row = {
                "o": len(pixels),
                "n": len(buffer.getvalue()),
                "src": SOURCE,
                "style": "silhouette icon" if tint else "flat emoji",
                "label": name,
                "tags": ["drawn"],
                "cat": "",
                "colors": [color],
            }
            lines.append(json.dumps(row | ({"tint": tint} if tint else {})))
            pixels += buffer.getvalue()
    (folder / f"{SOURCE}.bin").write_bytes(pixels)
    (folder / f"{SOURCE}.jsonl").write_text("\n".join(lines) + "\n")
    about = {"n": len(lines), "lic": "CC0", "author": "the tests", "style": "shapes"}
    (folder / f"{SOURCE}.info").write_text(json.dumps(about))
    return folder
