"""A contact sheet of a built set: sprites over white with their labels, to look at."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image, ImageDraw

from recipes.mezzo import sink

_LABEL_PX = 12


def contact_sheet(
    folder: Path, names: list[str], *, each: int = 12, columns: int = 12, cell_px: int = 96
) -> Image.Image:
    """``each`` sprites of every named source, drawn by lot but the same every time."""
    cells: list[tuple[str, Image.Image]] = []
    for name in names:
        rows = sink.rows(folder, name)
        chosen = random.Random(name).sample(rows, min(each, len(rows)))
        cells += [
            (row["label"], picture) for row, picture in zip(chosen, sink.pictures(folder, name, chosen), strict=True)
        ]
    lines = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * cell_px, max(1, lines) * (cell_px + _LABEL_PX)), "white")
    pen = ImageDraw.Draw(sheet)
    for number, (label, picture) in enumerate(cells):
        x, y = number % columns * cell_px, number // columns * (cell_px + _LABEL_PX)
        small = picture.resize((cell_px, cell_px), Image.Resampling.LANCZOS)
        sheet.paste(small, (x, y), small)
        pen.text((x + 2, y + cell_px), label[: cell_px // 6], fill="black")
    return sheet
