"""Coloured icon sets, and the silhouettes that are given a named colour here so that colour words have a meaning."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from recipes.mezzo.colours import COLOURS, hex_colour
from recipes.mezzo.fetch import fetch
from recipes.mezzo.iconify import Icon, read_icons
from recipes.mezzo.packages import iconify_package
from recipes.mezzo.sources.source import Source
from recipes.mezzo.sprite import Candidate
from recipes.mezzo.svg import render
from recipes.mezzo.words import tidy

_INK = "#222222"
_TINTS = [name for name in COLOURS if name not in {"white", "beige"}]  # both vanish on a white ground


def offer(icons: list[Icon]) -> list[Candidate]:
    """Every icon under its own name."""
    return [
        Candidate(_words(icon.name), partial(render, icon.svg.replace("currentColor", _INK)), (), tidy(icon.category))
        for icon in icons
    ]


def offer_largest(icons: list[Icon]) -> list[Candidate]:
    """One icon of each that comes in several sizes, ``name-16`` to ``name-48``: the largest, which has most detail."""
    sized = [(found.group(1), int(found.group(2)), icon) for icon in icons if (found := _sized(icon.name))]
    largest: dict[str, tuple[int, Icon]] = {}
    for name, size, icon in sized:
        if name not in largest or size > largest[name][0]:
            largest[name] = (size, icon)
    return offer([Icon(name, icon.svg, icon.code, icon.category) for name, (_, icon) in largest.items()])


def offer_tinted(icons: list[Icon]) -> list[Candidate]:
    """Every silhouette in one of eleven named colours, told in ``tint``; the same one in every build."""
    candidates: list[Candidate] = []
    for icon in icons:
        tint = random.Random(f"tint {icon.name}").choice(_TINTS)
        draw = partial(render, icon.svg.replace("currentColor", hex_colour(tint)))
        candidates.append(Candidate(_words(icon.name), draw, (), tidy(icon.category), extra={"tint": tint}))
    return candidates


def _sized(name: str) -> re.Match[str] | None:
    return re.fullmatch(r"(.+)-(\d+)", name)


def _words(name: str) -> str:
    return re.sub(r"\s+\d+$", "", name.replace("-", " "))


def _source(
    prefix: str,
    style: str,
    licence: str,
    author: str,
    credit: str,
    offered: Callable[[list[Icon]], list[Candidate]] = offer,
) -> Source:
    package = iconify_package(prefix)

    def candidates(cache: Path) -> list[Candidate]:
        return offered(read_icons(fetch(package, cache)))

    return Source(prefix, style, licence, author, credit, (package,), candidates)


SOURCES = [
    _source("flat-color-icons", "flat color icon", "MIT", "Icons8", "Flat Color Icons, Icons8"),
    _source(
        "fluent-color",
        "gradient icon",
        "MIT",
        "Microsoft",
        "Fluent UI System Color Icons, (c) Microsoft Corporation",
        offer_largest,
    ),
    _source("meteocons", "weather icon", "MIT", "Bas Milius", "Meteocons, Bas Milius"),
    _source(
        "streamline-ultimate-color",
        "color line icon",
        "CC-BY 4.0",
        "Streamline",
        "Streamline Ultimate Color, streamlinehq.com",
    ),
    _source(
        "streamline-freehand-color",
        "hand drawn icon",
        "CC-BY 4.0",
        "Streamline",
        "Streamline Freehand Color, streamlinehq.com",
    ),
    _source(
        "game-icons",
        "silhouette icon",
        "CC-BY 3.0",
        "game-icons.net authors",
        "game-icons.net: Lorc, Delapouite and contributors; coloured here",
        offer_tinted,
    ),
]
