import numpy as np
import pytest
from PIL import Image

from mezzotint.imaging.colour import colour_matched, from_lab, on_background, to_lab

OPENCV = {  # sRGB to Lab in bytes, by OpenCV 5.0
    (0, 0, 0): (0, 128, 128),
    (255, 255, 255): (255, 128, 128),
    (255, 0, 0): (136, 208, 195),
    (0, 255, 0): (224, 42, 211),
    (0, 0, 255): (82, 207, 20),
    (128, 128, 128): (137, 128, 128),
    (10, 200, 100): (181, 65, 166),
    (250, 128, 114): (172, 173, 157),
    (30, 30, 60): (33, 138, 108),
}
TABLES = 1  # levels: OpenCV reads curves from tables
BYTES = 6  # levels, for 99 of 100: three Lab bytes do not tell all saturated colours apart
LUMA = np.array([0.299, 0.587, 0.114])


@pytest.mark.parametrize("colour", OPENCV)
def test_lab_bytes_are_those_of_opencv(colour: tuple[int, int, int]) -> None:
    lab = to_lab(np.array([[colour]], np.uint8))[0, 0].astype(int)
    assert np.abs(lab - OPENCV[colour]).max() <= TABLES


def test_lab_leads_back_to_the_colour() -> None:
    colours = np.arange(0, 256, 5, dtype=np.uint8)
    rgb = np.stack(np.meshgrid(colours, colours, colours), axis=-1).reshape(1, -1, 3)

    back = from_lab(to_lab(rgb))

    assert np.percentile(np.abs(back.astype(int) - rgb), 99) <= BYTES
    assert np.abs(back.astype(int) - rgb).mean() < 1


def _picture(seed: int, low: tuple[int, int, int], high: tuple[int, int, int]) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(low, high, (48, 64, 3)).astype(np.uint8))


def test_a_picture_takes_the_colours_of_another_and_keeps_its_light() -> None:
    bluish, reddish = _picture(1, (60, 80, 150), (90, 110, 200)), _picture(2, (140, 80, 60), (200, 110, 90))

    matched = np.asarray(colour_matched(bluish, reddish)).astype(float)

    own, red = np.asarray(bluish).astype(float), np.asarray(reddish).astype(float)
    assert np.abs(matched @ LUMA - own @ LUMA).max() <= 1  # a rounding of each channel
    lean = [(picture[..., 0] - picture[..., 2]).mean() for picture in (own, matched, red)]
    assert lean[0] < -50 and lean[1] > 0.6 * lean[2] > 0


def test_a_picture_matched_to_itself_stays_as_it_is() -> None:
    picture = _picture(3, (0, 0, 0), (256, 256, 256))

    matched = colour_matched(picture, picture)

    difference = np.asarray(matched).astype(int) - np.asarray(picture)
    assert np.percentile(np.abs(difference), 99) <= BYTES
    assert np.abs(difference).mean() < 1


def test_sizes_may_differ() -> None:
    assert colour_matched(_picture(1, (0, 0, 0), (9, 9, 9)), Image.new("RGB", (5, 7), "white")).size == (64, 48)


def test_grey_stays_within_range() -> None:
    grey = Image.merge("RGB", [Image.linear_gradient("L")] * 3)

    matched = np.asarray(colour_matched(grey, Image.new("RGB", (8, 8), (255, 0, 0)))).astype(float)

    assert np.abs(matched @ LUMA - np.asarray(grey).astype(float) @ LUMA).max() <= 1
    assert (matched[0, 0] == 0).all() and (matched[-1, -1] == 255).all()


def test_what_is_transparent_shows_the_background() -> None:
    picture = Image.new("RGBA", (3, 1), (0, 0, 0, 0))
    picture.putpixel((1, 0), (10, 20, 30, 255))
    picture.putpixel((2, 0), (0, 0, 0, 51))

    shown = on_background(picture, "#ff8000")

    assert [shown.getpixel((x, 0)) for x in range(3)] == [(255, 128, 0), (10, 20, 30), (204, 102, 0)]
    assert on_background(picture).getpixel((0, 0)) == (255, 255, 255)


def test_an_opaque_picture_has_no_background() -> None:
    assert on_background(Image.new("L", (1, 1), 77), "#ff0000").getpixel((0, 0)) == (77, 77, 77)
