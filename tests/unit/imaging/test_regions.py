import numpy as np
import pytest
from PIL import Image

from mezzotint.errors import RequestError
from mezzotint.imaging.regions import Region, masked_region

# picture, masked box, padding, size to work at: the region
TABLE = [
    ((512, 512), (100, 200, 228, 232), 0, (512, 512), (100, 152, 228, 280)),
    ((512, 512), (100, 200, 228, 232), 32, (512, 512), (68, 120, 260, 312)),
    ((1024, 768), (900, 700, 1000, 760), 32, (512, 512), (868, 612, 1024, 768)),
    ((512, 512), (0, 0, 10, 10), 0, (512, 768), (0, 0, 10, 15)),
    ((640, 480), (10, 10, 600, 40), 8, (512, 512), (2, 0, 608, 480)),
    ((512, 512), (500, 500, 512, 512), 64, (768, 512), (398, 436, 512, 512)),
]


def _mask(size: tuple[int, int], box: tuple[int, int, int, int], level: int = 255) -> Image.Image:
    mask = Image.new("L", size)
    mask.paste(level, box)
    return mask


@pytest.mark.parametrize("size, box, padding, work, expected", TABLE)
@pytest.mark.parametrize("level", [1, 255])  # any value above 0 counts
def test_region_of_a_mask(size, box, padding, work, expected, level):
    region = masked_region(_mask(size, box, level), *work, padding_px=padding)

    assert region == Region(*expected)


def test_a_blank_mask_has_no_region():
    assert masked_region(Image.new("L", (64, 64)), 512, 512, padding_px=32) is None


def test_a_negative_padding_is_told():
    with pytest.raises(RequestError, match="-1"):
        masked_region(_mask((64, 64), (0, 0, 9, 9)), 64, 64, padding_px=-1)


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (30, 5, 40, 45), (3, 30, 61, 34), (0, 0, 64, 48)])
@pytest.mark.parametrize("work", [(64, 64), (128, 64), (64, 128)])
def test_a_region_holds_the_mask_and_stays_in_the_picture(box, work):
    region = masked_region(_mask((64, 48), box), *work, padding_px=3)

    assert region is not None
    assert 0 <= region.left <= box[0] and box[2] <= region.right <= 64
    assert 0 <= region.top <= box[1] and box[3] <= region.bottom <= 48


def test_a_part_comes_out_at_the_size_to_work_at_and_goes_back_to_its_place():
    picture = Image.fromarray((np.arange(48 * 64 * 3) % 251).astype(np.uint8).reshape(48, 64, 3))
    region = Region(16, 8, 48, 40)

    part = region.cut(picture, 32, 32)
    back = region.put(Image.new("RGB", (128, 128), "red"), picture)

    assert part.tobytes() == picture.crop((16, 8, 48, 40)).tobytes()
    assert np.asarray(back)[8:40, 16:48].reshape(-1, 3).tolist() == [[255, 0, 0]] * 32 * 32
    outside = np.ones((48, 64), bool)
    outside[8:40, 16:48] = False
    assert (np.asarray(back)[outside] == np.asarray(picture)[outside]).all()


def test_a_part_of_other_proportions_is_filled_up_and_trimmed_again():
    picture = Image.new("RGB", (64, 64), "black")
    picture.paste("white", (16, 16, 48, 32))

    part = Region(16, 16, 48, 32).cut(picture, 64, 64)

    assert part.size == (64, 64)
    assert part.getextrema() == ((255, 255),) * 3
    assert Region(16, 16, 48, 32).put(part, picture).tobytes() == picture.tobytes()
