"""Variants read into a tree: ``{a|b}``, ``{2$$a|b|c}``, ``{0.5::a|b}`` and ``__name__``, nested at will.

The syntax is that of the dynamicprompts library (0.31). The library itself, MIT-licensed and happy without a network,
was left out because it takes half a second for ten kilobytes, fails on a brace left open, and runs out of stack at a
hundred nested ones; this reads any text in one pass.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TypeAlias

_TOKEN = re.compile(
    r"\\.|\$\$|::|__(?P<name>(?:[^\W_]|[-./*? ]|_(?!_))++)__|[{}|]|[^\\{}|$:_]+|.",
    re.DOTALL,
)
_COUNT = re.compile(r"\s*(?P<least>[0-9]{1,6}+)?\s*(?P<range>-)?\s*(?P<most>[0-9]{1,6}+)?\s*")
_WEIGHT = re.compile(r"\s*((?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++))\s*")
_SEPARATOR = ","
_DEEPEST = 32


@dataclass(frozen=True)
class Wildcard:
    """One of the values of all wildcards whose names fit. ``pattern`` may hold ``*`` and ``?``."""

    pattern: str

    @property
    def written(self) -> str:
        """What it is where no name fits."""
        return f"__{self.pattern}__"


@dataclass(frozen=True)
class Variants:
    """Between ``least`` and ``most`` of the choices, each at most once, in any order.

    ``weights`` are the choices' own added up from the first to each.
    """

    choices: tuple["Template", ...]
    weights: tuple[float, ...]
    least: int = 1
    most: int = 1
    separator: str = _SEPARATOR


Item: TypeAlias = str | Wildcard | Variants
Template: TypeAlias = tuple[Item, ...]


def parse_variants(text: str) -> Template:
    """The prompt as text and variants in order. Any text can be read, in time proportional to its length.

    Braces without ``|``, ``$$`` or a weight are text, as are those left open, any character behind a backslash, and
    everything if variants are nested deeper than 32.
    """
    if "{" not in text and "__" not in text:
        return (text,)
    items: list[Item] = []
    braces: list[_Open] = []
    for token in _TOKEN.finditer(text):
        inner = braces[-1] if braces else None
        match token[0]:
            case "{":
                braces.append(_Open(len(items)))
            case "|" if inner:
                inner.bars.append(len(items))
            case "$$" if inner:
                inner.dollars.append(len(items))
            case "}" if inner:
                braces.pop()
                depth = inner.depth
                if variants := _variants(inner, items):
                    items[inner.begin :] = [variants]
                    depth += 1
                else:
                    items.append("}")
                if depth > _DEEPEST:
                    return (text,)
                if braces:
                    braces[-1].depth = max(braces[-1].depth, depth)
                continue
            case _:
                pass
        items.append(Wildcard(token["name"]) if token["name"] else token[0])
    return tuple(items)


def split_weight(template: Template) -> tuple[float | None, Template]:
    """The number before ``::`` at the beginning, None if there is none, and the rest without blanks in front."""
    weight, rest = None, template
    if len(template) > 1 and template[1] == "::" and (number := _WEIGHT.fullmatch(str(template[0]))):
        weight, rest = min(float(number[1]), 1e9), template[2:]
    if rest and isinstance(rest[0], str):
        rest = (rest[0].lstrip(), *rest[1:])
    return weight, rest


@dataclass(slots=True)
class _Open:
    """A brace not closed yet: the places, among the items, where it began and has ``|`` or ``$$``."""

    begin: int
    bars: list[int] = field(default_factory=list[int])
    dollars: list[int] = field(default_factory=list[int])
    depth: int = 0  # of the variants inside


def _variants(brace: _Open, items: Sequence[Item]) -> Variants | None:
    """What the brace holds, None if it is text."""
    first_bar = brace.bars[0] if brace.bars else len(items)
    begin, least, most, separator = brace.begin, 1, 1, _SEPARATOR
    dollars = [place for place in brace.dollars if place < first_bar]
    bounds = _bounds(items[brace.begin + 1 : dollars[0]]) if dollars else None
    if bounds:
        begin, (least, most) = dollars[0], bounds
        if len(dollars) > 1 and (between := _text(items[begin + 1 : dollars[1]])) is not None:
            begin, separator = dollars[1], between
    places = [begin, *brace.bars, len(items)]
    parts = [split_weight(tuple(items[a + 1 : b])) for a, b in pairwise(places)]
    if not (brace.bars or bounds or parts[0][0] is not None):
        return None
    weights = tuple(accumulate(1.0 if weight is None else weight for weight, _ in parts))
    return Variants(tuple(choice for _, choice in parts), weights, least, most, separator)


def _bounds(items: Sequence[Item]) -> tuple[int, int] | None:
    """``2``, ``1-3``, ``-3`` (from 1) or ``1-`` (to all there are)."""
    text = _text(items)
    count = None if text is None else _COUNT.fullmatch(text)
    if count is None or not (count["least"] or count["most"]):
        return None
    least = int(count["least"] or 1)
    most = int(count["most"] or 10**6) if count["range"] else least
    return min(least, most), max(least, most)


def _text(items: Sequence[Item]) -> str | None:
    parts = [item for item in items if isinstance(item, str)]
    return "".join(parts) if len(parts) == len(items) else None
