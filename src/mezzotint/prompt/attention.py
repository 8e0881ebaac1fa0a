"""Emphasis: ``(text:1.2)``, ``((text))``, ``[text]`` and ``BREAK``, read into weighted phrases."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan
from typing import Final, Literal, TypeAlias

_ROUND = 1.1
_SQUARE = 1 / 1.1
_HEAVIEST = 100.0
_EXACT_DEPTH = 16  # so many brackets are multiplied from the innermost outwards, as A1111 does; deeper ones at once

_TOKEN = re.compile(
    r"""
      \\(?P<escaped>.?)                                             # a backslash makes the next character plain
    | (?P<opening>[(\[])
    | :\s*+(?P<weight>[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++))\s*+\)   # closes a round bracket with a number
    | (?P<closing>[)\]])
    | (?P<text>[^\\()\[\]:]++|:)
    """,
    re.VERBOSE | re.DOTALL,
)
_BREAK = re.compile(r"\bBREAK\b")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text and the weight it is given; 1 is plain."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True)
class Break:
    """The word BREAK: what follows starts a new chunk of tokens."""


Piece: TypeAlias = Phrase | Break

BREAK: Final = Break()

EmphasisMode: TypeAlias = Literal["Original", "No norm", "Ignore", "None"]
"""What weights do, by A1111's names: multiply with the mean kept, multiply, nothing, or not even exist as syntax."""


def parse_emphasis(text: str, mode: EmphasisMode = "Original") -> list[Piece]:
    """The prompt's phrases under that mode: for None everything is text, brackets and BREAK too."""
    return [Phrase(text)] if mode == "None" else parse_attention(text)


def parse_attention(text: str) -> list[Piece]:
    """The phrases and breaks of a prompt, neighbours of equal weight joined. Any text at all can be read.

    ``(a)`` weighs 1.1, ``[a]`` 1/1.1, ``(a:0.7)`` 0.7; nested weights multiply, up to 100 either way. A bracket left
    open reaches to the end; a closing one without its opening is text. BREAK counts at any depth.
    """
    return _weighted(_read(text)) or [Phrase("")]


@dataclass(slots=True)
class _Bracket:
    """An opening bracket; how much it weighs is known when it closes, the ``closes``-th to do so."""

    is_round: bool
    factor: float = _ROUND
    closes: int = 0


class _Close:
    """A closing bracket of either kind, as an event between phrases."""

    def __init__(self, is_round: bool) -> None:
        self.is_round = is_round


_Event: TypeAlias = str | Break | _Bracket | _Close
_CLOSE_ROUND, _CLOSE_SQUARE = _Close(True), _Close(False)


def _read(text: str) -> list[_Event]:
    """Text, breaks and the brackets that count, in order, every bracket with its factor filled in."""
    events: list[_Event] = []
    rounds: list[_Bracket] = []
    squares: list[_Bracket] = []
    closed = 0
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "text":
                events += _with_breaks(token[0])
            case "escaped":
                events.append(token["escaped"])
            case "opening":
                bracket = _Bracket(token[0] == "(")
                events.append(bracket)
                (rounds if bracket.is_round else squares).append(bracket)
            case _:  # a closing bracket, or a number and one
                is_round = token[0] != "]"
                if not (opened := rounds if is_round else squares):
                    events.append(token[0])
                    continue
                bracket, number = opened.pop(), token["weight"]
                bracket.factor = float(number) if number else _ROUND if is_round else _SQUARE
                bracket.closes = closed = closed + 1
                events.append(_CLOSE_ROUND if is_round else _CLOSE_SQUARE)
    for bracket in (*reversed(rounds), *reversed(squares)):
        bracket.factor = _ROUND if bracket.is_round else _SQUARE
        bracket.closes = closed = closed + 1
    return events


def _with_breaks(text: str) -> Iterator[str | Break]:
    """The text cut at every BREAK, white space around it dropped."""
    if "BREAK" not in text:
        yield text
        return
    first, *others = _BREAK.split(text)
    yield first.rstrip() if others else first
    for i, part in enumerate(others, 1):
        yield BREAK
        yield part.strip() if i < len(others) else part.lstrip()


def _weighted(events: Iterable[_Event]) -> list[Piece]:
    pieces: list[Piece] = []
    rounds, squares = _Stack(), _Stack()
    weight = last = 1.0
    is_known = True  # that ``weight`` is the one of these brackets
    texts: list[str] = []
    for event in events:
        if isinstance(event, str):
            if not is_known:
                weight, is_known = _product(rounds, squares), True
            if weight != last and texts:
                pieces.append(Phrase("".join(texts), last))
                texts = []
            texts.append(event)
            last = weight
        elif isinstance(event, Break):
            if texts:
                pieces.append(Phrase("".join(texts), last))
                texts = []
            pieces.append(event)
        else:
            stack = rounds if event.is_round else squares
            if isinstance(event, _Bracket):
                stack.push(event)
            else:
                stack.pop()
            is_known = False
    if texts:
        pieces.append(Phrase("".join(texts), last))
    return pieces


class _Stack:
    """Brackets of one kind around the current place, outermost first, each with the product of those up to it."""

    def __init__(self) -> None:
        self.brackets: list[_Bracket] = []
        self.products: list[float] = [1.0]

    def push(self, bracket: _Bracket) -> None:
        self.brackets.append(bracket)
        self.products.append(self.products[-1] * bracket.factor)

    def pop(self) -> None:
        self.brackets.pop()
        self.products.pop()


def _product(rounds: _Stack, squares: _Stack) -> float:
    """The weight inside these brackets: the first to close counts first, so that no last digit differs from A1111's."""
    weight, i, j = 1.0, len(rounds.brackets), len(squares.brackets)
    for _ in range(min(_EXACT_DEPTH, i + j)):
        if not j or (i and rounds.brackets[i - 1].closes < squares.brackets[j - 1].closes):
            i -= 1
            weight *= rounds.brackets[i].factor
        else:
            j -= 1
            weight *= squares.brackets[j].factor
    weight *= rounds.products[i] * squares.products[j]
    return 0.0 if isnan(weight) else min(max(weight, -_HEAVIEST), _HEAVIEST)
