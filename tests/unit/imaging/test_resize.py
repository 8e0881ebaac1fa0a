import numpy as np
import pytest
from PIL import Image

from mezzotint.contract.requests import Fit
from mezzotint.imaging.resize import RESIZERS, crop, fill, stretch


def _stripes(width: int = 90, height: int = 30) -> Image.Image:
    """Red, green and blue thirds from left to right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for channel in range(3):
        pixels[:, channel * width // 3 : (channel + 1) * width // 3, channel] = 255
    return Image.fromarray(pixels)


def test_there_is_one_for_every_fit():
    assert set(RESIZERS) == set(Fit.__args__)


@pytest.mark.parametrize("fit", sorted(RESIZERS))
@pytest.mark.parametrize("size", [(64, 64), (16, 128), (128, 16), (90, 30), (91, 31)])
def test_the_size_asked_for_comes_back(fit: str, size: tuple[int, int]):
    assert RESIZERS[fit](_stripes(), *size).size == size


@pytest.mark.parametrize("fit", sorted(RESIZERS))
def test_the_right_size_is_left_alone(fit: str):
    assert RESIZERS[fit](_stripes(), 90, 30).tobytes() == _stripes().tobytes()


def test_stretch_keeps_everything_in_place():
    thirds = stretch(_stripes(), 30, 30)

    assert [thirds.getpixel((x, 15)) for x in (5, 15, 25)] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]


def test_crop_keeps_the_middle():
    middle = np.asarray(crop(_stripes(), 24, 24))

    assert (middle[:, 1:-1] == (0, 255, 0)).all()


def test_crop_trims_top_and_bottom_of_the_tall():
    tall = _stripes().transpose(Image.Transpose.ROTATE_90)

    assert (np.asarray(crop(tall, 24, 24))[1:-1] == (0, 255, 0)).all()


def test_fill_keeps_all_and_draws_out_the_edges():
    filled = np.asarray(fill(_stripes(), 90, 90))

    assert (filled[30:60] == np.asarray(_stripes())).all()
    assert (filled[:30] == filled[30]).all() and (filled[60:] == filled[59]).all()
