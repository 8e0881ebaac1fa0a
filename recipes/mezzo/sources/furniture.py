"""Sweet Home 3D's furniture catalogues: textured models with names, as the catalogue's icon and as our own renders."""

from __future__ import annotations

import random
import re
from functools import lru_cache, partial
from pathlib import Path

from PIL import Image

from recipes.mezzo.fetch import fetch, unzipped
from recipes.mezzo.obj import Mesh, read_obj
from recipes.mezzo.packages import FURNITURE
from recipes.mezzo.rasterise import render
from recipes.mezzo.sources.source import Source
from recipes.mezzo.sprite import Candidate

_VIEWS = 3
_AZIMUTHS_DEG = (-60, -40, -25, 0, 25, 40, 60, 90, 140, 180)
_BRANDS = re.compile(
    r"\b(vw|volkswagen|renault( scenic)?|peugeot( \d+ cc)?|apple|imac( \d+)?|ibook|mini cooper|ikea|honda|yamaha|fender"
    r"|gibson|coca.?cola|playstation|xbox|nintendo|iphone|ipad|macbook|dell|sony|audi|bmw|mercedes|ferrari|porsche|citro[eë]n"
    r"|fiat|ford|toyota)\b",
    re.IGNORECASE,
)

# CC-BY asks for the names, and weights ship without the rows that hold them.
_BLEND_SWAP_AUTHORS = (
    "3dModeling, Asterlil, Atszgo, Aymanslman, B2przemo, Betomo16, Bgamage, Bheema, Bjo.bernis, Blenderik, "
    "Bloknayrb, Bocko, BrunoMatheus, Bulgakov, Cattail, Cephei, Cezar, Cisco336, Dalenryder, DennisH2010, Derte21, "
    "DooL, Dzerbs, Elhzar, Ericblender7, eTeks, Fabbyone, Farcgs, Gerardbelnder, Gianmariaveronese, Giovagiova, "
    "Gwinna, Gyrocam, HeraSK, Hermescn, Hilux, Hsdevys, Jay-Artist, Jo.3D, Jswing, Kartoffelphantom, Kator Legaz, "
    "Krabz, LarryStephenRobb, Leximumxii, Loopo, LVlittering, MatBot, Mayollo, Muhtesemozcinar, NabHlEsCK, Nad451, "
    "Nikitron, Nmn9, North.star, Oldtimer, Pndrdm, Poifox, Priide, PrinterKiller, Pyrophorus, Radio hate, "
    "RegusTtef, Renderbob, Richu, Rodrigoalves123, Rosenth, Ruff, SaiZyca2, SirOccor, Sizzler, Songkro, SonnySee, "
    "Starapple, Starkerg, Swapnilrocks98, Tadine, TreyClaine, TripleJ, TrueCryer, Victorbied, Voodoc, Xablend1122, "
    "Zema"
)


def read_catalogue(text: str) -> list[dict[str, str]]:
    r"""The entries of a ``PluginFurnitureCatalog.properties`` file, ``key#number=value`` with ``\uXXXX`` escapes."""
    entries: dict[int, dict[str, str]] = {}
    for line in text.splitlines():
        found = re.match(r"(\w+)#(\d+)=(.*)", line.strip())
        if found:
            key, number, value = found.groups()
            entries.setdefault(int(number), {})[key] = re.sub(
                r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code.group(1), 16)), value
            )
    return list(entries.values())


def label(entry: dict[str, str]) -> str:
    """The model's name without brands; people are women and men rather than females and males."""
    name = _BRANDS.sub("", entry["name"]).strip() or entry.get("tags", "").split(",")[0] or "object"
    return re.sub(r"\bmale\b", "man", re.sub(r"\bfemale\b", "woman", name.lower()))


def offer(folder: Path) -> list[Candidate]:
    """The icon and three views of every model of an unpacked catalogue."""
    catalogue = (folder / "PluginFurnitureCatalog.properties").read_text(encoding="latin-1")
    found: list[Candidate] = []
    for entry in read_catalogue(catalogue):
        if "name" not in entry or "model" not in entry:
            continue
        words, category = label(entry), entry.get("category", "")
        tags = tuple(tag for tag in entry.get("tags", "").split(",") if "Blend Swap" not in tag)
        creator = entry.get("creator", "")
        icon = folder / entry.get("icon", "").lstrip("/")
        if icon.is_file():
            extra: dict[str, str | int] = {"creator": creator, "view": "icon"}
            found.append(Candidate(words, partial(Image.open, icon), tags, category, extra=extra))
        chance = random.Random(f"views {entry.get('id', words)}")
        for number in range(_VIEWS):
            # One view from the front, which shows most; the others from anywhere.
            azimuth_deg = chance.uniform(-45, 45) if number == 0 else chance.choice(_AZIMUTHS_DEG)
            draw = partial(_draw, folder / entry["model"].lstrip("/"), azimuth_deg, chance.uniform(4, 35))
            extra = {"creator": creator, "view": f"az{azimuth_deg:.0f}"}
            found.append(Candidate(words, draw, tags, category, extra=extra))
    return found


def _draw(path: Path, azimuth_deg: float, elevation_deg: float) -> Image.Image:
    return render(_model(path), azimuth_deg=azimuth_deg, elevation_deg=elevation_deg)


@lru_cache(maxsize=1)  # the views of one model come one after the other
def _model(path: Path) -> Mesh:
    return read_obj(path)


def _source(catalogue: str, licence: str, author: str, credit: str) -> Source:
    def candidates(cache: Path) -> list[Candidate]:
        archive = fetch(FURNITURE, cache) / "usr/share/sweethome3d/furniture" / f"{catalogue}.sh3f"
        return offer(unzipped(archive, cache))

    return Source(f"sh3d-{catalogue.lower()}", "3d render", licence, author, credit, (FURNITURE,), candidates)


SOURCES = [
    _source(
        "BlendSwap-CC-0",
        "CC0",
        "Blend Swap contributors",
        "Blend Swap models in Sweet Home 3D's CC0 catalogue; each row's `creator` names its author",
    ),
    _source(
        "BlendSwap-CC-BY",
        "CC-BY 3.0",
        "Blend Swap contributors",
        f"Blend Swap models in Sweet Home 3D's CC-BY catalogue, rendered here; authors: {_BLEND_SWAP_AUTHORS}",
    ),
    _source(
        "KatorLegaz",
        "CC-BY 3.0 US",
        "Andrew Kator & Jennifer Legaz",
        "Models by Andrew Kator & Jennifer Legaz in Sweet Home 3D's catalogue; rendered here",
    ),
    _source(
        "Reallusion", "CC-BY 3.0 US", "Reallusion", "Models by Reallusion in Sweet Home 3D's catalogue; rendered here"
    ),
    _source(
        "Scopia",
        "CC-BY 3.0",
        "Scopia Visual Interfaces Systems",
        "Models by Scopia Visual Interfaces Systems, s.l. and eTeks in Sweet Home 3D's catalogue; rendered here",
    ),
]
