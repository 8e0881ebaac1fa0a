"""SVG text to RGBA pictures, and the repair of drawings that do not say how large they are."""

from __future__ import annotations

import io
import re

import resvg_py
from PIL import Image

from recipes.mezzo.sprite import Undrawable

# Pixels per unit at 90 dots per inch, which drawing programs of the early 2000s wrote.
_PX_PER_UNIT = {"": 1.0, "px": 1.0, "pt": 1.25, "pc": 15.0, "mm": 3.543, "cm": 35.43, "in": 90.0}
_ROOT_TAG = re.compile(r"<svg\b[^>]*>", re.DOTALL)


def render(svg: str, *, width_px: int = 256) -> Image.Image:
    """The drawing as RGBA, ``width_px`` wide. Raises Undrawable if resvg refuses it."""
    # System fonts are skipped: a picture must not depend on the machine, and the search for them costs 20 ms.
    try:
        png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width_px, skip_system_fonts=True))
    except ValueError as error:
        raise Undrawable(str(error)) from error
    return Image.open(io.BytesIO(png)).convert("RGBA")


def with_view_box(svg: str) -> str:
    """The same drawing with a ``viewBox`` made from its width and height, where it had none.

    Without one a renderer cannot scale it: old OpenClipart files are refused with "invalid size".
    Raises Undrawable if there is no ``<svg>`` tag.
    """
    found = _ROOT_TAG.search(svg)
    if found is None:
        raise Undrawable("no <svg> tag")
    tag = found.group(0)
    width, height = _length_px(tag, "width"), _length_px(tag, "height")
    if "viewBox" in tag or width is None or height is None:
        return svg
    bare = re.sub(r"\s(?:width|height)\s*=\s*([\"'])[^\"']*\1", "", tag)
    sized = bare.replace("<svg", f'<svg width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"', 1)
    return svg.replace(tag, sized, 1)


def _length_px(tag: str, attribute: str) -> float | None:
    found = re.search(rf"\s{attribute}\s*=\s*[\"']\s*([\d.]+)\s*([a-z%]*)\s*[\"']", tag)
    if found is None or found.group(2) not in _PX_PER_UNIT:
        return None
    return float(found.group(1)) * _PX_PER_UNIT[found.group(2)]
