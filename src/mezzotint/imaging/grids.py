"""Contact sheets: many pictures on one."""

import math
from collections.abc import Sequence

from PIL import Image

from mezzotint.errors import require


def layout(count: int, *, rows: int | None = None) -> tuple[int, int]:
    """(columns, rows) for ``count`` pictures: as square as can be unless ``rows`` is given."""
    wanted = round(math.sqrt(count)) if rows is None else rows
    chosen = max(min(wanted, count), 1)
    return -(-count // chosen), chosen


def contact_sheet(
    images: Sequence[Image.Image], *, rows: int | None = None, gap_px: int = 0, background: str = "#151210"
) -> Image.Image:
    """Pictures in reading order, each centred in a cell of the largest one's size. Raises RequestError without any."""
    require(len(images) > 0, "a contact sheet needs at least one picture")
    columns, rows = layout(len(images), rows=rows)
    cell_width, cell_height = max(i.width for i in images), max(i.height for i in images)
    size = columns * (cell_width + gap_px) - gap_px, rows * (cell_height + gap_px) - gap_px
    sheet = Image.new("RGB", size, background)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        left = column * (cell_width + gap_px) + (cell_width - image.width) // 2
        top = row * (cell_height + gap_px) + (cell_height - image.height) // 2
        sheet.paste(image, (left, top))
    return sheet
