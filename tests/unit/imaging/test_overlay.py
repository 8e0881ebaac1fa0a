import numpy as np
from PIL import Image

from mezzotint.imaging.masks import blurred, overlay_mask
from mezzotint.imaging.overlay import filled, kept_part, laid_over
from mezzotint.imaging.regions import masked_region


def _noise(width: int, height: int, seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def _mask(width: int, height: int, box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", (width, height))
    mask.paste(255, box)
    return mask


def test_outside_the_soft_edge_every_byte_stays_and_inside_all_is_new():
    old, new = _noise(96, 80, 1), _noise(96, 80, 2)
    mask = overlay_mask(blurred(_mask(96, 80, (30, 30, 60, 60)), 4, 4))

    result = np.asarray(laid_over(new, kept_part(old, mask)))

    values = np.asarray(mask)
    assert (result[values == 0] == np.asarray(old)[values == 0]).all()
    assert (result[values == 255] == np.asarray(new)[values == 255]).all()
    assert ((values > 0) & (values < 255)).any()


def test_the_soft_edge_is_between_old_and_new():
    old, new = Image.new("RGB", (64, 64), (200, 10, 60)), Image.new("RGB", (64, 64), (20, 240, 60))
    mask = blurred(_mask(64, 64, (20, 20, 44, 44)), 6, 6)

    result = np.asarray(laid_over(new, kept_part(old, mask))).astype(float)

    share = np.asarray(mask)[..., None] / 255
    expected = np.array((200, 10, 60)) * (1 - share) + np.array((20, 240, 60)) * share
    assert np.abs(result - expected).max() <= TWO_ROUNDINGS


def test_only_masked_leaves_all_else_alone():
    old = _noise(128, 96, 3)
    mask = blurred(_mask(128, 96, (70, 20, 90, 50)), 3, 3)
    region = masked_region(mask, 64, 64, padding_px=8)
    assert region is not None

    placed = region.put(_noise(64, 64, 4), Image.new("RGB", old.size))
    result = np.asarray(laid_over(placed, kept_part(old, mask)))

    assert (result[np.asarray(mask) == 0] == np.asarray(old)[np.asarray(mask) == 0]).all()
    assert (result[30:40, 75:85] != np.asarray(old)[30:40, 75:85]).any()


def test_a_hole_is_filled_with_the_colours_around_it():
    picture = Image.new("RGB", (128, 64), (0, 0, 200))
    picture.paste((200, 0, 0), (0, 0, 64, 64))
    picture.paste((0, 255, 0), (56, 24, 72, 40))  # what must not be seen any more

    whole = np.asarray(filled(picture, _mask(128, 64, (56, 24, 72, 40)))).astype(int)

    assert whole[24:40, 56:72, 1].max() <= 1
    assert whole[32, 57, 0] > whole[32, 57, 2] + 50 and whole[32, 70, 2] > whole[32, 70, 0] + 50
    outside = np.ones((64, 128), bool)
    outside[24:40, 56:72] = False
    assert (whole[outside] == np.asarray(picture)[outside]).all()


def test_an_even_ground_stays_even():
    picture = Image.new("RGB", (64, 64), (90, 120, 30))
    picture.paste("white", (16, 16, 48, 48))

    whole = np.asarray(filled(picture, _mask(64, 64, (16, 16, 48, 48)))).astype(int)

    assert np.abs(whole - (90, 120, 30)).max() <= DIM


TWO_ROUNDINGS = 2  # levels: premultiplied colours are rounded to bytes, and so is the mixture
DIM = 6  # levels: far from an edge a blurred colour is premultiplied by so small an alpha that few of its bits are left
