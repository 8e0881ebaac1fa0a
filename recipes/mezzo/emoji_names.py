"""What emoji are called: CLDR's labels and tags (emojibase), widened by emojilib's keywords."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipes.mezzo.words import is_refused, squashed

_GROUPS = (
    "smileys",
    "people",
    "component",
    "animals and nature",
    "food and drink",
    "travel and places",
    "activities",
    "objects",
    "symbols",
    "flags",
)


@dataclass(frozen=True)
class Emoji:
    """One emoji's words; ``category`` is one of CLDR's ten groups, or empty."""

    label: str
    tags: tuple[str, ...]
    category: str


class EmojiNames:
    """All emoji, found by code point sequence (``1f44b-1f3fb``) or by any spelling of their name."""

    def __init__(self, entries: list[dict[str, Any]], keywords: dict[str, list[str]]) -> None:
        self._by_code: dict[str, Emoji] = {}
        self._by_name: dict[str, Emoji] = {}
        for entry in entries:
            for variant in [entry, *entry.get("skins", [])]:
                self._insert(variant, entry, keywords)

    def _insert(self, variant: dict[str, Any], entry: dict[str, Any], keywords: dict[str, list[str]]) -> None:
        group: int | None = entry.get("group")
        # emojilib's first keyword is the label again, written with underscores. Slang among the keywords (a winking
        # face is "sexy") is no reason to refuse the picture, as it would be in other sources.
        tags = (*entry.get("tags", ()), *keywords.get(variant["emoji"], ())[1:])
        emoji = Emoji(
            label=variant["label"],
            tags=tuple(tag for tag in tags if not is_refused(tag)),
            category="" if group is None else _GROUPS[group],
        )
        code = variant["hexcode"].lower()
        self._by_code[code] = emoji
        self._by_name.setdefault(squashed(emoji.label), emoji)
        if "-" not in code.removesuffix("-fe0f"):
            unicode_name = unicodedata.name(chr(int(code.split("-")[0], 16)), "")
            self._by_name.setdefault(squashed(unicode_name), emoji)

    def by_code(self, code: str) -> Emoji | None:
        """By code points in hexadecimal joined with hyphens; a variation selector (fe0f) may be missing or too much."""
        code = code.lower()
        spellings = (code, code.replace("-fe0f", ""), f"{code}-fe0f")
        return next((self._by_code[spelling] for spelling in spellings if spelling in self._by_code), None)

    def by_name(self, name: str) -> Emoji | None:
        """By CLDR's or Unicode's name, however its words are joined."""
        return self._by_name.get(squashed(name)) if name else None


def read_emoji_names(emojibase: Path, emojilib: Path) -> EmojiNames:
    """From the two unpacked packages."""
    entries = json.loads((emojibase / "en" / "data.json").read_text(encoding="utf-8"))
    keywords = json.loads((emojilib / "dist" / "emoji-en-US.json").read_text(encoding="utf-8"))
    return EmojiNames(entries, keywords)
