import pytest
from PIL import Image

from mezzotint.errors import RequestError
from mezzotint.imaging.grids import contact_sheet, layout


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (3, 2, 2), (5, 3, 2), (7, 3, 3), (10, 4, 3), (64, 8, 8)]
)
def test_layout_is_nearly_square(count: int, columns: int, rows: int):
    assert layout(count) == (columns, rows)


def test_rows_may_be_given_but_not_more_than_pictures():
    assert layout(6, rows=1) == (6, 1)
    assert layout(2, rows=5) == (1, 2)


def test_pictures_stand_in_reading_order():
    colours = ["red", "lime", "blue"]

    sheet = contact_sheet([Image.new("RGB", (8, 6), colour) for colour in colours], gap_px=2, background="black")

    assert sheet.size == (18, 14)
    assert [sheet.getpixel(place) for place in ((0, 0), (17, 0), (0, 13), (17, 13), (8, 0))] == [
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (0, 0, 0)
    ]  # fmt: skip


def test_a_smaller_picture_is_centred():
    sheet = contact_sheet([Image.new("RGB", (8, 8), "red"), Image.new("RGB", (4, 4), "lime")], background="black")

    assert sheet.getpixel((9, 4)) == (0, 0, 0)
    assert sheet.getpixel((10, 2)) == sheet.getpixel((13, 5)) == (0, 255, 0)


def test_no_pictures_make_no_sheet():
    with pytest.raises(RequestError, match="at least one"):
        contact_sheet([])
