"""Pictures in a terminal: by kitty's or iTerm2's protocol where the terminal has one, else in half-blocks of colour."""

import base64
from collections.abc import Mapping
from typing import Literal

import numpy as np
from PIL import Image

from mezzotint.imaging.files import encode

Method = Literal["kitty", "iterm2", "blocks"]

_KITTY_PIECE = 4096  # characters of base64 in one escape sequence, the protocol's most
_CELL_PX = (8, 16)  # a usual character cell, to limit a picture's rows


def method_for(environment: Mapping[str, str], *, is_terminal: bool) -> Method | None:
    """How this terminal shows pictures, judged by its environment variables; None if it should not be tried."""
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if not is_terminal or term == "dumb" or "NO_COLOR" in environment:
        return None
    if "TMUX" not in environment and not term.startswith(("screen", "tmux")):  # these swallow the picture protocols
        if term in ("xterm-kitty", "xterm-ghostty") or program == "ghostty" or "KITTY_WINDOW_ID" in environment:
            return "kitty"
        if program in ("iTerm.app", "WezTerm", "mintty") or environment.get("LC_TERMINAL") == "iTerm2":
            return "iterm2"
    is_colourful = environment.get("COLORTERM") in ("truecolor", "24bit") or term.endswith("-direct")
    return "blocks" if is_colourful else None


def rendered(image: Image.Image, method: Method, *, columns: int = 80, rows: int = 24) -> str:
    """Text that draws the picture within so many character cells when written to the terminal."""
    if method == "blocks":
        return half_blocks(image, columns=columns, rows=rows)
    width, height = _fitted(image, min(columns, max(image.width // _CELL_PX[0], 16)), rows)
    data = base64.b64encode(encode(image.convert("RGB"))).decode()
    return _kitty(data, width, height) if method == "kitty" else _iterm2(data, width, height)


def half_blocks(image: Image.Image, *, columns: int = 80, rows: int = 24) -> str:
    """Lines of ``▀``, each cell two pixels: one above in the foreground colour, one below in the background's."""
    width, height = _fitted(image, min(columns, image.width), rows)
    pixels = np.asarray(image.convert("RGB").resize((width, height * 2), Image.Resampling.LANCZOS))
    lines = [
        "".join(
            f"\x1b[38;2;{a[0]};{a[1]};{a[2]};48;2;{b[0]};{b[1]};{b[2]}m▀" for a, b in zip(upper, lower, strict=True)
        )
        for upper, lower in zip(pixels[0::2].tolist(), pixels[1::2].tolist(), strict=True)
    ]
    return "".join(f"{line}\x1b[0m\n" for line in lines)


def _fitted(image: Image.Image, columns: int, rows: int) -> tuple[int, int]:
    """(columns, rows) that keep the proportions, a cell being twice as high as wide."""
    scale = min(columns / image.width, 2 * rows / image.height)
    return max(round(image.width * scale), 1), max(round(image.height * scale / 2), 1)


def _kitty(data: str, columns: int, rows: int) -> str:
    """Kitty graphics protocol: a PNG in pieces, ``m=1`` while more follow."""
    pieces = [data[start : start + _KITTY_PIECE] for start in range(0, len(data), _KITTY_PIECE)]
    controls = [f"f=100,a=T,q=2,c={columns},r={rows}," if index == 0 else "" for index in range(len(pieces))]
    last = len(pieces) - 1
    return (
        "".join(
            f"\x1b_G{control}m={int(index < last)};{piece}\x1b\\"
            for index, (control, piece) in enumerate(zip(controls, pieces, strict=True))
        )
        + "\n"
    )


def _iterm2(data: str, columns: int, rows: int) -> str:
    """iTerm2's inline file, ended by BEL."""
    return f"\x1b]1337;File=inline=1;width={columns};height={rows};preserveAspectRatio=1:{data}\a\n"
