"""Icon sets in Iconify's JSON format: one file with the SVG body of every icon, and a second one of categories."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Icon:
    """``code`` is the hexadecimal code point sequence where the set has one; ``svg`` a whole document."""

    name: str
    svg: str
    code: str = ""
    category: str = ""


def read_icons(folder: Path) -> list[Icon]:
    """The visible icons of an unpacked package, in the order of the file."""
    icons = _json(folder / "icons.json")
    codes = {name: code for code, name in _json(folder / "chars.json").items()}
    categories: dict[str, str] = {}
    for category, members in _json(folder / "metadata.json").get("categories", {}).items():
        for member in members:
            categories.setdefault(member, category)
    return [
        Icon(name, _document(body, icons), codes.get(name, ""), categories.get(name, ""))
        for name, body in icons["icons"].items()
        if not body.get("hidden")
    ]


def _document(icon: dict[str, Any], defaults: dict[str, Any]) -> str:  # JSON: numbers and strings mixed
    def value(key: str, otherwise: int) -> float:
        return icon.get(key, defaults.get(key, otherwise))

    width, height, left, top = value("width", 16), value("height", 16), value("left", 0), value("top", 0)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{left} {top} {width} {height}">{icon["body"]}</svg>'
    )


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
