"""The Open Clip Art Library: public-domain drawings whose RDF says what they show and under what licence."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from recipes.mezzo.fetch import fetch
from recipes.mezzo.packages import OPENCLIPART
from recipes.mezzo.sources.source import Source
from recipes.mezzo.sprite import Candidate
from recipes.mezzo.svg import render, with_view_box
from recipes.mezzo.words import tidy

_FOLDER = Path("usr/share/openclipart/svg")
_LARGEST_BYTES = 900_000  # larger ones are maps and traced photographs that take minutes

# Folders of drawings that say nothing at 64 px, or the same thing hundreds of times.
_SKIPPED = re.compile(
    r"computer/(icons|buttons|connectors|diagrams)|shapes/(stars|flowchart|callouts|arrows|jigsaw)|special|buttons|logos"
    r"|signs_and_symbols/(led|flags)|geography/maps|unsorted/duplicates|recreation/games/cards|decorations"
)
_EMPTY_TITLE = re.compile(
    r"clip.?art|submission|sibmission|icon collection|symbol_signs|aiga|various|unsorted|theme|set\b|^r\d+|openclip"
    r"|untitled|\.svg",
    re.IGNORECASE,
)
_TITLE_DEBRIS = re.compile(r"\(.*?\)|[-\u2013:|].*$|\b(by|drawn with|email).*$|[\d_]+", re.IGNORECASE)
_EMPTY_WORDS = {"svg", "the", "and", "openclipart", "openclip", "clip_art", "signs_and_symbols", "unsorted"}
_TOO_COMMON = 6  # a title that so many drawings share is a collection's name


@dataclass(frozen=True)
class Facts:
    """What the RDF block of a drawing says; empty where it says nothing."""

    title: str
    keywords: tuple[str, ...]
    creator: str
    licence: str

    @property
    def is_public_domain(self) -> bool:
        """A drawing without a licence of its own falls under the package-wide dedication."""
        return self.licence == "" or "publicdomain" in self.licence.lower()


def read_facts(svg: str) -> Facts:
    """From the whole SVG text. Raises ValueError if it is no XML."""
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from error
    metadata = next(_named(root, "metadata"), root)
    licence = next((value for node in _named(metadata, "license") for value in node.attrib.values()), "")
    creator = next((_text(title) for node in _named(metadata, "creator") for title in _named(node, "title")), "")
    title = next((text for node in _named(metadata, "title") if (text := _text(node)) and text != creator), "")
    keywords = tuple(text for node in _named(metadata, "li") if (text := _text(node)))
    return Facts(title, keywords, creator, licence)


def label(path: str, facts: Facts, *, is_common_title: bool = False) -> str:
    """The title without debris; else the file name without its author; else a keyword, or the folder's name."""
    title = tidy(_TITLE_DEBRIS.sub(" ", facts.title.replace("_", " ")))
    if title and not is_common_title and not _EMPTY_TITLE.search(facts.title):
        return title
    # File names end in the author's name, cut off somewhere: four letters are enough to know it by.
    author = {word[:4] for word in re.findall(r"[a-z]{3,}", facts.creator.lower())}
    words = [word for word in re.split(r"[_\W\d]+", Path(path).stem.lower()) if len(word) > 2]
    own = [word for word in words if word[:4] not in author and word not in _EMPTY_WORDS]
    return tidy(" ".join(own[:4])) or next(iter(facts.keywords), "") or Path(path).parent.name


def candidates(cache: Path) -> list[Candidate]:
    """Every public-domain drawing once: the package links some of them into several folders."""
    root = fetch(OPENCLIPART, cache) / _FOLDER
    drawings: dict[str, tuple[Path, Facts]] = {}
    for folder, _, files in os.walk(root):
        for file in files:
            path = Path(folder) / file
            inside = path.relative_to(root).as_posix()
            if path.suffix == ".svg" and not path.is_symlink() and not _SKIPPED.match(inside):
                drawings[inside] = (path, read_facts(path.read_text(encoding="utf-8", errors="replace")))
    titles = Counter(facts.title.lower() for _, facts in drawings.values())
    found: list[Candidate] = []
    for inside, (path, facts) in sorted(drawings.items()):
        if not facts.is_public_domain or path.stat().st_size > _LARGEST_BYTES:
            continue
        folders = [_singular(name) for name in inside.split("/")[:-1]]
        is_common_title = titles[facts.title.lower()] >= _TOO_COMMON
        tags = (*(word for word in facts.keywords if word not in _EMPTY_WORDS), *reversed(folders))
        words = label(inside, facts, is_common_title=is_common_title)
        found.append(Candidate(words, partial(_draw, path), tags, folders[0]))
    return found


def _draw(path: Path) -> Image.Image:
    return render(with_view_box(path.read_text(encoding="utf-8", errors="replace")), width_px=384)


def _named(node: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Descendants of that local name: the files use several spellings of the same namespaces."""
    return (child for child in node.iter() if child.tag.rsplit("}")[-1] == name)


def _text(node: ElementTree.Element) -> str:
    return (node.text or "").strip()


def _singular(folder: str) -> str:
    return folder if folder in {"christmas", "valentines", "dairy", "chess", "dice"} else folder.removesuffix("s")


SOURCES = [
    Source(
        "openclipart",
        "clip art",
        "Public Domain (CC PD dedication)",
        "Open Clip Art Library contributors",
        "Open Clip Art Library, dedicated to the public domain by its contributors",
        (OPENCLIPART,),
        candidates,
    )
]
