import numpy as np
import pytest
from PIL import Image

from mezzotint.contract.requests import Fit
from mezzotint.errors import RequestError
from mezzotint.imaging.resize import RESIZERS, crop, fill, multiplied_size, stretch


def _stripes(width: int = 90, height: int = 30) -> Image.Image:
    """Red, green and blue thirds from left to right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for channel in range(3):
        pixels[:, channel * width // 3 : (channel + 1) * width // 3, channel] = 255
    return Image.fromarray(pixels)


def test_there_is_one_for_every_fit_of_pixels():
    assert set(RESIZERS) == set(Fit.__args__) - {"latent"}


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


def test_crop_puts_the_scaled_picture_where_a1111_does():
    # 640x480 to 512x512: scaled to 682x512, its left edge at -85
    picture = Image.fromarray((np.arange(480 * 640 * 3) * 7 % 253).astype(np.uint8).reshape(480, 640, 3))

    cropped = crop(picture, 512, 512)

    scaled = picture.resize((682, 512), Image.Resampling.LANCZOS)
    assert cropped.tobytes() == scaled.crop((85, 0, 597, 512)).tobytes()


def test_fill_puts_the_scaled_picture_where_a1111_does():
    # 640x480 to 512x512: scaled to 512x384, its top edge at 64
    picture = Image.fromarray((np.arange(480 * 640 * 3) * 7 % 253).astype(np.uint8).reshape(480, 640, 3))

    filled = np.asarray(fill(picture, 512, 512))

    scaled = np.asarray(picture.resize((512, 384), Image.Resampling.LANCZOS))
    assert (filled[64:448] == scaled).all()
    assert (filled[:64] == scaled[0]).all() and (filled[448:] == scaled[-1]).all()


@pytest.mark.parametrize("fit", sorted(RESIZERS))
def test_masks_keep_their_mode(fit: str):
    mask = Image.new("L", (30, 20), 255)

    assert RESIZERS[fit](mask, 64, 64).mode == "L"
    assert RESIZERS[fit](mask, 64, 64).getextrema() == (255, 255)


class _Recording:
    """An upscaler that notes the sizes it is asked for."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def __call__(self, image: Image.Image, width: int, height: int) -> Image.Image:
        self.sizes.append((width, height))
        return image.resize((width, height), Image.Resampling.NEAREST)


def test_an_upscaler_is_asked_only_where_a_side_grows():
    enlarge = _Recording()

    assert stretch(_stripes(), 180, 64, enlarge=enlarge).size == (180, 64)
    assert crop(_stripes(), 64, 64, enlarge=enlarge).size == (64, 64)
    assert fill(_stripes(), 64, 20, enlarge=enlarge).size == (64, 20)
    assert stretch(Image.new("L", (9, 9)), 64, 64, enlarge=enlarge).size == (64, 64)

    assert enlarge.sizes == [(192, 64), (192, 64)]  # 90x30 times 64/30, in whole cells; the mask goes without


def test_factors_lead_to_whole_cells():
    assert multiplied_size(100, 52, 2.0) == (200, 104)
    assert multiplied_size(101, 50, 1.5) == (144, 72)


def test_a_size_below_a_cell_is_told():
    with pytest.raises(RequestError, match="8 px"):
        multiplied_size(10, 3, 2.0)
