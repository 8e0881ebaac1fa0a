"""Emoji families drawn as SVG: one concept in many styles, with CLDR's words."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from recipes.mezzo.emoji_names import Emoji, EmojiNames, read_emoji_names
from recipes.mezzo.fetch import fetch
from recipes.mezzo.iconify import Icon, read_icons
from recipes.mezzo.packages import EMOJIBASE, EMOJILIB, iconify_package
from recipes.mezzo.sources.source import Source
from recipes.mezzo.sprite import Candidate
from recipes.mezzo.svg import render
from recipes.mezzo.words import mentions_skin_tone, tidy


def offer(
    icons: list[Icon], names: EmojiNames, *, keeps_skin_tones: bool = False, needs_known_name: bool = False
) -> list[Candidate]:
    """The icons with their emoji's words; those that are no known emoji keep the set's own name, or are left out.

    Tinted variants are kept from one or two families only: five near-copies of every hand teach little.
    """
    candidates: list[Candidate] = []
    for icon in icons:
        emoji = names.by_code(icon.code) or names.by_name(_plain(icon.name))
        if emoji is None and needs_known_name:
            continue
        words = emoji or Emoji(_plain(icon.name), (), "")
        if not keeps_skin_tones and (mentions_skin_tone(icon.name) or mentions_skin_tone(tidy(words.label))):
            continue
        candidates.append(Candidate(words.label, partial(render, icon.svg), words.tags, words.category))
    return candidates


def _plain(name: str) -> str:
    return re.sub(r"-\d+$", "", name).replace("-", " ")


def _source(
    prefix: str,
    style: str,
    licence: str,
    author: str,
    credit: str,
    *,
    keeps_skin_tones: bool = False,
    needs_known_name: bool = False,
) -> Source:
    package = iconify_package(prefix)

    def candidates(cache: Path) -> list[Candidate]:
        names = read_emoji_names(fetch(EMOJIBASE, cache), fetch(EMOJILIB, cache))
        icons = read_icons(fetch(package, cache))
        return offer(icons, names, keeps_skin_tones=keeps_skin_tones, needs_known_name=needs_known_name)

    return Source(prefix, style, licence, author, credit, (package, EMOJIBASE, EMOJILIB), candidates)


SOURCES = [
    _source(
        "fluent-emoji-flat",
        "flat emoji",
        "MIT",
        "Microsoft",
        "Fluent Emoji, flat, (c) Microsoft Corporation",
        keeps_skin_tones=True,
    ),
    _source("noto", "emoji", "Apache-2.0", "Google", "Noto Emoji, (c) Google"),
    _source("noto-v1", "blob emoji", "Apache-2.0", "Google", "Noto Emoji, first version, (c) Google"),
    _source(
        "twemoji",
        "flat emoji",
        "CC-BY 4.0",
        "Twitter / jdecked",
        "Twemoji, (c) Twitter, Inc. and other contributors, continued by jdecked",
    ),
    _source("emojione", "emoji", "CC-BY 4.0", "EmojiTwo / Emoji One", "EmojiTwo, after Emoji One"),
    _source(
        "fxemoji",
        "emoji",
        "Apache-2.0",
        "Mozilla",
        "Firefox OS Emoji, (c) Mozilla",
        needs_known_name=True,  # the set runs its names' words together: only those that resolve can be read
    ),
    _source("streamline-emojis", "outlined emoji", "CC-BY 4.0", "Streamline", "Streamline Emojis, streamlinehq.com"),
]
