import numpy as np
import pytest
import torch
from PIL import Image

from mezzotint.imaging.masks import blurred, inverted, latent_mask, mask_from, overlay_mask


def _grey(values: list[list[int]]) -> Image.Image:
    return Image.fromarray(np.array(values, np.uint8))


def _with_alpha(alpha: list[list[int]], colour: int = 200) -> Image.Image:
    channels = np.full((len(alpha), len(alpha[0]), 4), colour, np.uint8)
    channels[..., 3] = alpha
    return Image.fromarray(channels)


def _rows(mask: Image.Image) -> list[list[int]]:
    return np.asarray(mask).tolist()


def test_a_mask_is_the_luminance_of_an_opaque_picture():
    assert _rows(mask_from(_grey([[0, 100, 255]]))) == [[0, 100, 255]]
    assert _rows(mask_from(_with_alpha([[255, 255]], colour=77))) == [[77, 77]]


def test_a_mask_is_where_a_picture_with_alpha_is_more_than_half_opaque():
    assert _rows(mask_from(_with_alpha([[0, 128, 129, 255]]))) == [[0, 0, 255, 255]]


def test_an_alpha_mask_may_stay_soft():
    assert _rows(mask_from(_with_alpha([[0, 128, 129, 254]]), is_rounded=False)) == [[0, 128, 129, 254]]


def test_a_palette_with_a_transparent_colour_has_alpha():
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 255, 255, 255, 255, 255])
    picture.putpixel((1, 0), 1)
    picture.info["transparency"] = 0

    assert _rows(mask_from(picture)) == [[0, 255]]


def test_inverting_twice_changes_nothing():
    mask = _grey([[0, 1, 128, 255]])

    assert _rows(inverted(mask)) == [[255, 254, 127, 0]]
    assert _rows(inverted(inverted(mask))) == _rows(mask)


def test_a_blur_reaches_as_far_as_its_direction_says():
    mask = Image.new("L", (101, 101))
    mask.putpixel((50, 50), 255)

    wide, high = np.asarray(blurred(mask, 4, 0)), np.asarray(blurred(mask, 0, 2))

    assert [int(i) for i in np.flatnonzero(wide.any(axis=0))[[0, -1]]] == [40, 60]
    assert [int(i) for i in np.flatnonzero(wide.any(axis=1))] == [50]
    assert [int(i) for i in np.flatnonzero(high.any(axis=1))[[0, -1]]] == [45, 55]


def test_no_blur_leaves_every_byte():
    mask = _grey([[0, 9, 255], [3, 128, 4]])
    assert _rows(blurred(mask, 0, 0)) == _rows(mask)


@pytest.mark.parametrize("level", [0, 255])
def test_a_blurred_blank_stays_blank(level: int):
    assert blurred(Image.new("L", (70, 30), level), 16, 8).getextrema() == (level, level)


def test_the_overlay_replaces_fully_where_the_mask_is_half():
    assert _rows(overlay_mask(_grey([[0, 1, 127, 128, 255]]))) == [[0, 2, 254, 255, 255]]


def test_a_latent_mask_has_a_value_for_each_cell():
    mask = Image.new("L", (64, 32))
    mask.paste(255, (32, 0, 64, 32))

    cells = latent_mask(mask, 8, 4)

    assert cells.shape == (1, 1, 4, 8)
    assert cells[0, 0].tolist() == [[0.0] * 4 + [1.0] * 4] * 4


def test_a_latent_mask_is_rounded_unless_told_otherwise():
    soft = Image.new("L", (16, 16), 100)

    assert torch.equal(latent_mask(soft, 2, 2), torch.zeros(1, 1, 2, 2))
    torch.testing.assert_close(latent_mask(soft, 2, 2, is_rounded=False), torch.full((1, 1, 2, 2), 100 / 255))
