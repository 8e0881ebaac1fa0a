"""DiceBear's procedural avatars, captioned from the attributes they were drawn with."""

from __future__ import annotations

import json
import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from recipes.mezzo.colours import COLOURS, nearest_name
from recipes.mezzo.fetch import fetch, run
from recipes.mezzo.packages import DICEBEAR
from recipes.mezzo.sources.source import Source
from recipes.mezzo.sprite import Candidate
from recipes.mezzo.svg import render

# style -> (words for captions, how many). DiceBear's avataaars and bottts have no proper licence and stay out.
_STYLES = {
    "adventurer": ("adventurer cartoon avatar", 400),
    "bigEars": ("big ears cartoon avatar", 200),
    "bigSmile": ("big smile cartoon avatar", 200),
    "croodles": ("doodle line drawing avatar", 150),
    "dylan": ("flat minimal avatar", 150),
    "lorelei": ("black and white ink portrait", 200),
    "micah": ("flat illustration avatar", 300),
    "miniavs": ("mini flat avatar", 200),
    "notionists": ("black and white sketch avatar", 200),
    "openPeeps": ("hand drawn peep avatar", 300),
    "personas": ("persona avatar", 250),
    "pixelArt": ("pixel art avatar", 400),
    "toonHead": ("toon avatar", 300),
    "funEmoji": ("fun emoji face", 150),
}
_COLOURLESS = {"lorelei", "notionists"}
_HAIR_COLOURS = {name: rgb for name, rgb in COLOURS.items() if name != "beige"} | {
    "blonde": (225, 190, 110),
    "dark brown": (60, 35, 20),
}
_SKIN_COLOURS = {"light": (245, 210, 185), "tan": (215, 165, 120), "brown": (160, 105, 70), "dark brown": (95, 60, 45)}
_HEADGEAR = re.compile(r"hair|bald|hat|cap|beanie|turban|hijab|mohawk|bun|afro|bob|bangs|pony|braid|dread")
_MEANINGLESS = re.compile(r"variant|default|base|standard|mrT|none", re.IGNORECASE)
_CUTS_OF_SHIRT = {"small", "rounded", "squared", "open", "crew", "collared"}
_MOST_IN_LABEL = 5


def traits(style: str, attributes: dict[str, Any]) -> list[str]:
    """What can be said about an avatar: hair, skin, expression, what is worn."""
    found = [] if style == "funEmoji" else [*_hair(style, attributes), *_skin(style, attributes)]
    for part, noun in (("mouth", "mouth"), ("mood", "face"), ("eyes", "eyes"), ("face", "face")):
        if word := _word(attributes.get(part)):
            found.append(f"{word} {noun}")
    if _word(attributes.get("glasses")):
        found.append("glasses")
    found += [word for part in ("accessories", "facialHair") if (word := _word(attributes.get(part)))]
    if attributes.get("beard"):
        found.append("beard")
    if word := _word(attributes.get("earrings")):
        found.append(f"{word} earrings")
    return found + _clothes(attributes)


def candidates(cache: Path) -> list[Candidate]:
    """All avatars, drawn by a Node script in the cache folder; the same ones in every build."""
    folder = fetch(DICEBEAR, cache)
    script = Path(__file__).with_suffix(".mjs")
    drawn = folder / "avatars.json"
    if not drawn.exists() or drawn.stat().st_mtime < script.stat().st_mtime:
        shutil.copy(script, folder)
        run(["node", script.name, json.dumps({style: count for style, (_, count) in _STYLES.items()})], folder)
    return [_candidate(avatar) for avatar in json.loads(drawn.read_text(encoding="utf-8"))]


def _candidate(avatar: dict[str, Any]) -> Candidate:
    style = avatar["style"]
    said = traits(style, avatar["attributes"])
    subject = "face" if style == "funEmoji" else "person"
    label = f"{subject} with {', '.join(said[:_MOST_IN_LABEL])}" if said else subject
    extra: dict[str, str | int] = {
        "creator": f"{avatar['creator']} / {style} / {avatar['licence']}",
        "style2": _STYLES[style][0],
    }
    return Candidate(label, partial(render, avatar["svg"]), tuple(said), "avatar", extra=extra)


def _hair(style: str, attributes: dict[str, Any]) -> list[str]:
    found: list[str] = []
    colour = nearest_name(attributes.get("hairColor") or attributes.get("topColor"), _HAIR_COLOURS)
    if colour and style not in _COLOURLESS:
        found.append(f"{colour} hair")
    cut = _word(attributes.get("hair") or attributes.get("head") or attributes.get("top"))
    if cut:
        found.append(cut if _HEADGEAR.search(cut) else f"{cut} hair")
    return found


def _skin(style: str, attributes: dict[str, Any]) -> list[str]:
    value = attributes.get("skinColor") or (attributes.get("baseColor") if style == "micah" else None)
    colour = nearest_name(value, _SKIN_COLOURS)
    return [f"{colour} skin"] if colour and style not in _COLOURLESS else []


def _clothes(attributes: dict[str, Any]) -> list[str]:
    keys = ("clothingColor", "clothesColor", "bodyColor", "shirtColor")
    colour = nearest_name(next((attributes[key] for key in keys if attributes.get(key)), None))
    if colour is None:
        return []
    garment = _word(next((attributes[key] for key in ("clothes", "body", "shirt") if attributes.get(key)), None))
    if garment == "checkered":
        garment = "checkered shirt"
    return [f"{colour} {garment if garment and garment not in _CUTS_OF_SHIRT else 'shirt'}"]


def _word(value: object) -> str | None:
    """``curlyHighTop03`` as "curly high top"; None for numbered variants, which mean nothing."""
    if not isinstance(value, str) or not value or _MEANINGLESS.match(value):
        return None
    return re.sub(r"(?=[A-Z])", " ", value.rstrip("0123456789")).lower().strip() or None


SOURCES = [
    Source(
        "dicebear",
        "avatar",
        "CC0 / CC-BY 4.0",
        "DiceBear styles (see per-row creator)",
        "Avatars drawn with DiceBear. CC-BY 4.0: Adventurer by Lisa Wischofsky, Big Ears by The Visual Team, "
        "Big Smile by Ashley Seo, Croodles by vijay verma, Dylan by Natalia Spivak, Fun Emoji by Davis Uche, Micah by "
        "Micah Lanier, Miniavs by Webpixels, Personas by Draftbit, ToonHead by Johan Melin. CC0: Lorelei by Lisa "
        "Wischofsky, Notionists by Zoish, Open Peeps by Pablo Stanley, Pixel Art by DiceBear",
        (DICEBEAR,),
        candidates,
    )
]
