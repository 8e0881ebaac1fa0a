"""Microsoft's Fluent Emoji in their three-dimensional look: pictures of 256 px, named by code point."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PIL import Image

from recipes.mezzo.emoji_names import read_emoji_names
from recipes.mezzo.fetch import fetch
from recipes.mezzo.packages import EMOJIBASE, EMOJILIB, FLUENT_3D
from recipes.mezzo.sources.source import Source
from recipes.mezzo.sprite import Candidate


def candidates(cache: Path) -> list[Candidate]:
    """Every picture whose code points CLDR names."""
    names = read_emoji_names(fetch(EMOJIBASE, cache), fetch(EMOJILIB, cache))
    found: list[Candidate] = []
    for path in sorted((fetch(FLUENT_3D, cache) / "assets").glob("*.webp")):
        emoji = names.by_code(path.stem)
        if emoji is not None:
            found.append(Candidate(emoji.label, partial(Image.open, path), emoji.tags, emoji.category))
    return found


SOURCES = [
    Source(
        "fluent-3d",
        "3d emoji",
        "MIT",
        "Microsoft (fluentui-emoji); packaged by LobeHub",
        "Fluent Emoji, 3D, (c) Microsoft Corporation; packaged by LobeHub",
        (FLUENT_3D, EMOJIBASE, EMOJILIB),
        candidates,
    )
]
