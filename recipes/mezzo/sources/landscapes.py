"""Public-domain landscape photographs from the game Endless Sky, four square crops of each."""

from __future__ import annotations

import random
import re
from functools import partial
from pathlib import Path

from PIL import Image

from recipes.mezzo.fetch import fetch
from recipes.mezzo.licences import Stanza, licence_of, read_copyright
from recipes.mezzo.packages import ENDLESS_SKY
from recipes.mezzo.sources.source import Source
from recipes.mezzo.sprite import Candidate

_CROPS = 4
_SCENES = {
    "badlands": "rocky red badlands",
    "beach": "sandy beach by the sea",
    "canyon": "rocky canyon",
    "city": "city skyline",
    "desert": "dry desert",
    "dune": "desert sand dune",
    "earthrise": "the earth seen from the moon",
    "fields": "green fields",
    "fog": "foggy landscape",
    "forest": "forest",
    "hills": "rolling hills",
    "industrial": "industrial plant",
    "lava": "volcanic lava rock",
    "loc": "old factory",
    "mountain": "mountain range",
    "nasa": "view from space",
    "sea": "sea and waves",
    "sky": "cloudy sky",
    "snow": "snowy mountain",
    "space": "space station",
    "station": "space station",
    "valley": "mountain valley",
    "water": "river and lake water",
}


def offer(folder: Path, stanzas: list[Stanza]) -> list[Candidate]:
    """Crops of the photographs in ``folder`` that the package's copyright file calls public domain."""
    found: list[Candidate] = []
    for path in sorted(folder.glob("*.jpg")):
        kind = re.match(r"[a-z]*", path.stem)
        scene = _SCENES.get(kind.group(0)) if kind else None
        if scene is None or kind is None or licence_of(f"images/land/{path.name}", stanzas) != "public-domain":
            continue
        for crop in range(_CROPS):
            found.append(
                Candidate(
                    scene,
                    partial(_draw, path, crop),
                    (kind.group(0), "landscape"),
                    "landscape",
                    is_cut_out=False,
                    extra={"crop": crop},
                )
            )
    return found


def candidates(cache: Path) -> list[Candidate]:
    """From the Debian package, whose other photographs are share-alike."""
    root = fetch(ENDLESS_SKY, cache) / "usr/share"
    stanzas = read_copyright((root / "doc/endless-sky-data/copyright").read_text(encoding="utf-8"))
    return offer(root / "games/endless-sky/images/land", stanzas)


def _draw(path: Path, crop: int) -> Image.Image:
    """The middle square first, then smaller ones from anywhere."""
    with Image.open(path) as photograph:
        chance = random.Random(f"crop {path.name} {crop}")
        side = photograph.height if crop == 0 else int(photograph.height * chance.uniform(0.65, 1))
        left = (photograph.width - side) // 2 if crop == 0 else chance.randint(0, photograph.width - side)
        top = chance.randint(0, photograph.height - side)
        return photograph.crop((left, top, left + side, top + side))


SOURCES = [
    Source(
        "endless-sky-land",
        "photo",
        "Public domain (morguefile/unsplash-CC0/NASA/LoC/USGS per Debian copyright)",
        "various",
        "Landscape photographs collected by Endless Sky (public domain: morguefile, Unsplash, NASA, Library of "
        "Congress, USGS)",
        (ENDLESS_SKY,),
        candidates,
        may_be_redistributed=False,  # morguefile does not want the photographs passed on by themselves
    )
]
