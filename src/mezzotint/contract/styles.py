"""Names instead of texts: styles found again in merged prompts, and networks under the names they have here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_PLACE = "{prompt}"


class StyleTexts(NamedTuple):
    """A saved style: what it puts around, or after, each prompt."""

    name: str
    prompt: str = ""
    negative: str = ""


def without_styles(prompt: str, negative: str, styles: Sequence[StyleTexts]) -> tuple[str, str, tuple[str, ...]]:
    """Both prompts without the texts of styles, and the names of these in the order in which they were merged.

    A style is found where both its texts are; what was merged last is taken off first.
    """
    found: list[str] = []
    while True:
        for style in styles:
            bare, bare_negative = _without(prompt, style.prompt), _without(negative, style.negative)
            if bare is None or bare_negative is None or (bare, bare_negative) == (prompt, negative):
                continue
            prompt, negative = bare, bare_negative
            found.insert(0, style.name)
            break
        else:
            return prompt, negative, tuple(found)


def with_local_networks(prompt: str, hashes: Mapping[str, str], local_names: Mapping[str, str]) -> str:
    """The prompt with LoRA tags renamed to local files.

    ``hashes`` are those of the infotext by the names in its prompt, ``local_names`` the names here by hash.
    """

    def renamed(tag: re.Match[str]) -> str:
        digest = hashes.get(re.sub("[:,]", "", tag[2]), "")
        return f"<{tag[1]}:{local_names.get(digest, tag[2])}"

    return re.sub(r"<(lora|lyco):([^:>]+)", renamed, prompt)


def _without(text: str, style: str) -> str | None:
    """The text without what the style added, None if the style is not in it."""
    style = style.strip()
    before, place, after = style.partition(_PLACE)
    if place:
        is_around = text.startswith(before) and text.endswith(after) and len(text) >= len(before) + len(after)
        return text[len(before) : len(text) - len(after)] if is_around else None
    if not style or text == style:
        return text if not style else ""
    return text.removesuffix(f", {style}") if text.endswith(f", {style}") else None
