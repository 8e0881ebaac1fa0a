import base64
import re

import numpy as np
import pytest
from PIL import Image

from mezzotint.imaging.files import read_picture
from mezzotint.imaging.terminal import half_blocks, method_for, rendered


def _noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    ("environment", "method"),
    [
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "iterm2"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iterm2"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "blocks"),
        ({"TERM": "tmux-256color", "COLORTERM": "truecolor", "KITTY_WINDOW_ID": "1"}, "blocks"),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, None),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, None),
        ({}, None),
    ],
)
def test_the_terminal_is_known_by_its_environment(environment: dict[str, str], method: str | None):
    assert method_for(environment, is_terminal=True) == method
    assert method_for(environment, is_terminal=False) is None


def test_half_blocks_hold_two_pixels_each():
    image = Image.new("RGB", (2, 2))
    for place, colour in {(0, 0): "red", (1, 0): "lime", (0, 1): "blue", (1, 1): "white"}.items():
        image.paste(colour, (*place, place[0] + 1, place[1] + 1))

    assert half_blocks(image) == ("\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[38;2;0;255;0;48;2;255;255;255m▀\x1b[0m\n")


@pytest.mark.parametrize(("size", "cells"), [((64, 64), (64, 32)), ((400, 100), (80, 10)), ((100, 400), (20, 40))])
def test_half_blocks_stay_in_proportion_and_within_the_screen(size: tuple[int, int], cells: tuple[int, int]):
    lines = half_blocks(_noise(*size), columns=80, rows=40).splitlines()

    assert (len(lines), {line.count("▀") for line in lines}) == (cells[1], {cells[0]})


def test_kitty_receives_the_picture_in_pieces():
    image = _noise(80, 64)

    text = rendered(image, "kitty")

    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert len(pieces) > 1 and all(len(data) <= 4096 for _, data in pieces)
    assert [controls.rpartition("m=")[2] for controls, _ in pieces] == ["1"] * (len(pieces) - 1) + ["0"]
    assert pieces[0][0].startswith("f=100,a=T,")
    assert read_picture(base64.b64decode("".join(data for _, data in pieces))).tobytes() == image.tobytes()


def test_iterm2_receives_the_picture_whole():
    image = _noise(80, 64)

    text = rendered(image, "iterm2", columns=40, rows=10)

    found = re.fullmatch(r"\x1b\]1337;File=inline=1;width=(\d+);height=(\d+);preserveAspectRatio=1:(.*)\x07\n", text)
    assert found is not None
    assert int(found[1]) <= 40 and int(found[2]) <= 10
    assert read_picture(base64.b64decode(found[3])).tobytes() == image.tobytes()


def test_blocks_are_the_rendering_for_all_other_terminals():
    assert rendered(_noise(8, 8), "blocks") == half_blocks(_noise(8, 8))
