"""Prompt editing read into a tree: ``[before:after:when]`` and ``[a|b|c]``, nested at will, in text of any kind.

The reference is A1111's grammar, whose parser tries every reading and takes up to seconds for a few hundred brackets.
Here one pass does: a bracket that closes either becomes a construct, which takes the place of all it holds, or stays
text. What the reference leaves to chance, since it picks among equal readings by a random hash, is settled as its
documented examples have it: a switch with a stray ``]`` directly behind it is text.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

_TOKEN = re.compile(r"\\.|[^\\()\[\]:|]+|[()\[\]:|]")
_NUMBER = re.compile(r"\s*([+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)\s*")
_OPENING = {")": "(", "]": "["}
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Switch:
    """``before`` up to ``when``, a number as it was written; ``after`` from then on. ``written`` is all of it."""

    before: "Sequence"
    after: "Sequence"
    when: str
    written: "Sequence"


@dataclass(frozen=True, slots=True)
class Cycle:
    """One option for every step, from the first again after the last."""

    options: tuple["Sequence", ...]


Item: TypeAlias = str | Switch | Cycle
Sequence: TypeAlias = tuple[Item, ...]


def parse_editing(text: str) -> Sequence:
    """The prompt as text and constructs in order. Any text can be read, in time proportional to its length.

    ``|`` outside a cycle makes the whole prompt plain text, as in A1111; so does a backslash with nothing, or a line
    break, behind it, and nesting deeper than 64.
    """
    if "[" not in text:
        return (text,)
    items = _Reader().read(text)
    return (text,) if items is None else tuple(items)


@dataclass(slots=True)
class _Open:
    """A bracket not closed yet: its kind, and the places among the items where it began and has ``:`` or ``|``."""

    bracket: str
    begin: int
    colons: list[int] = field(default_factory=list[int])
    bars: list[int] = field(default_factory=list[int])
    depth: int = 0  # of the constructs inside


class _Unreadable(Exception):
    """The prompt has no reading but plain text."""


class _Reader:
    def __init__(self) -> None:
        self.items: list[Item] = []
        self.open: list[_Open] = []

    def read(self, text: str) -> list[Item] | None:
        end = 0
        try:
            for token in _TOKEN.finditer(text):
                if token.start() != end:
                    return None  # a backslash with nothing to protect
                end = token.end()
                self._take(token[0])
            self._loosen()
        except _Unreadable:
            return None
        return self.items if end == len(text) else None

    def _take(self, token: str) -> None:
        inner = self.open[-1] if self.open else None
        match token:
            case "(" | "[":
                self.open.append(_Open(token, len(self.items)))
            case ":" if inner:
                inner.colons.append(len(self.items))
            case "|" if inner:
                inner.bars.append(len(self.items))
            case "|":
                raise _Unreadable
            case ")" | "]":
                if inner and inner.bracket == _OPENING[token]:
                    self._close(self.open.pop(), token)
                    return
                self._loosen()
                if token == "]" and self.items and isinstance(last := self.items[-1], Switch):
                    self.items[-1:] = last.written
            case _:
                pass
        self.items.append(token)

    def _loosen(self) -> None:
        """All brackets still open are text, since what would close them came in no reading."""
        if any(each.bars for each in self.open):
            raise _Unreadable
        self.open.clear()

    def _close(self, it: _Open, token: str) -> None:
        """Put a construct in the place of what the bracket holds, or leave that as it is, as a group or as text."""
        self.items.append(token)
        construct: Item | None = None
        if it.bars:
            if it.colons or it.bracket == "(":
                raise _Unreadable
            construct = Cycle(tuple(self._between([it.begin, *it.bars, len(self.items) - 1])))
        elif it.bracket == "[" and 1 <= len(it.colons) <= 2:
            construct = self._switch(it)
        if construct is not None:
            self.items[it.begin :] = [construct]
        elif len(it.colons) > (it.bracket == "("):  # a group holds no colon, or one if it is round
            self._loosen()
        if self.open:
            self.open[-1].depth = max(self.open[-1].depth, it.depth + (construct is not None))
        if it.depth >= _DEEPEST and construct is not None:
            raise _Unreadable

    def _switch(self, it: _Open) -> Switch | None:
        *sides, last = self._between([it.begin, *it.colons, len(self.items) - 1])
        number = _NUMBER.fullmatch("".join(part if isinstance(part, str) else "[]" for part in last))
        if number is None:
            return None
        before, after = sides if len(sides) == 2 else ((), *sides)
        return Switch(before, after, number[1], tuple(self.items[it.begin :]))

    def _between(self, places: list[int]) -> list[Sequence]:
        return [tuple(self.items[a + 1 : b]) for a, b in pairwise(places)]
