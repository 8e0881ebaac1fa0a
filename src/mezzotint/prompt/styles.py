"""Styles: named texts that are merged into prompts, and found again in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

PLACE: Final = "{prompt}"
"""Where a style puts the prompt it is merged with."""


@dataclass(frozen=True)
class Style:
    """A name and what it does to both prompts; a text without ``{prompt}`` goes behind, after a comma."""

    name: str
    prompt: str = ""
    negative: str = ""


def merge_styles(prompt: str, negative: str, names: Iterable[str], styles: Mapping[str, Style]) -> tuple[str, str]:
    """Both prompts with the named styles merged in one after the other. An unknown name changes nothing."""
    for name in names:
        if style := styles.get(name):
            prompt, negative = merge(style.prompt, prompt), merge(style.negative, negative)
    return prompt, negative


def merge(style: str, prompt: str) -> str:
    """One text of a style and one prompt."""
    if PLACE in style:
        return style.replace(PLACE, prompt)
    return ", ".join(text for text in (prompt.strip(), style.strip()) if text)


def find_styles(prompt: str, negative: str, styles: Iterable[Style]) -> tuple[str, str, tuple[str, ...]]:
    """The prompts without the styles that both show, and the names of those, in the order in which they merge again.

    The search goes on as long as it finds something, each time with the first style that fits. A style that holds
    nothing is in no prompt.
    """
    found: list[str] = []
    left = [style for style in styles if style.prompt.strip() or style.negative.strip()]
    searching = True
    while searching:
        searching = False
        for style in left:
            without, negative_without = unmerge(style.prompt, prompt), unmerge(style.negative, negative)
            if without is not None and negative_without is not None:
                prompt, negative = without, negative_without
                left.remove(style)
                found.append(style.name)
                searching = True
                break
    return prompt, negative, tuple(reversed(found))


def unmerge(style: str, prompt: str) -> str | None:
    """A prompt from which `merge` makes this one, white space at its ends aside; None if there is none."""
    if PLACE in style:
        return _around(style.split(PLACE), prompt)
    style, prompt = style.strip(), prompt.strip()
    if not prompt.endswith(style):
        return None
    rest = prompt.removesuffix(style)
    return rest.removesuffix(", ") if not style or not rest or rest.endswith(", ") else None


def _around(sides: list[str], prompt: str) -> str | None:
    """What stands, the same each time, between these sides."""
    length, remainder = divmod(len(prompt) - sum(map(len, sides)), len(sides) - 1)
    if length < 0 or remainder:
        return None
    within = prompt[len(sides[0]) : len(sides[0]) + length]
    return within if within.join(sides) == prompt else None
