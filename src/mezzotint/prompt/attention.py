"""Emphasis: ``(text:1.2)``, ``((text))``, ``[text]`` and ``BREAK``, read into weighted phrases."""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

_ROUND = 1.1
_SQUARE = 1 / 1.1

_TOKEN = re.compile(
    r"""
      \\(?P<escaped>.?)                                        # a backslash makes the next character plain
    | (?P<opening>[(\[])
    | :\s*(?P<weight>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))\s*\)   # closes a round bracket with a number
    | (?P<closing>[)\]])
    | (?P<text>[^\\()\[\]:]+|:)
    """,
    re.VERBOSE | re.DOTALL,
)
_BREAK = re.compile(r"\s*\bBREAK\b\s*")


@dataclass(frozen=True)
class Phrase:
    """Text and the weight it is given; 1 is plain."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True)
class Break:
    """The word BREAK: what follows starts a new chunk of tokens."""


Piece: TypeAlias = Phrase | Break

BREAK: Final = Break()


def parse_attention(text: str) -> list[Piece]:
    """The phrases and breaks of a prompt, neighbours of equal weight joined. Any text at all can be read.

    ``(a)`` weighs 1.1, ``[a]`` 1/1.1, ``(a:0.7)`` 0.7; nested weights multiply. A bracket left open reaches to the end;
    a closing one without its opening is text. BREAK counts at any depth.
    """
    pieces: list[Piece] = []
    open_round: list[int] = []  # where each bracket still open began, as an index into pieces
    open_square: list[int] = []
    for token in _TOKEN.finditer(text):
        weight, bracket = token["weight"], token["opening"] or token["closing"]
        if token["escaped"] is not None:
            pieces.append(Phrase(token["escaped"]))
        elif token["opening"]:
            (open_round if bracket == "(" else open_square).append(len(pieces))
        elif weight is not None and open_round:
            _multiply(pieces, open_round.pop(), float(weight))
        elif bracket == ")" and open_round:
            _multiply(pieces, open_round.pop(), _ROUND)
        elif bracket == "]" and open_square:
            _multiply(pieces, open_square.pop(), _SQUARE)
        elif token["text"]:
            pieces += _with_breaks(token["text"])
        else:
            pieces.append(Phrase(token[0]))
    for begin in open_round:
        _multiply(pieces, begin, _ROUND)
    for begin in open_square:
        _multiply(pieces, begin, _SQUARE)
    return _joined(pieces) or [Phrase("")]


def _with_breaks(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    for i, part in enumerate(_BREAK.split(text)):
        pieces += [BREAK, Phrase(part)] if i else [Phrase(part)]
    return pieces


def _multiply(pieces: list[Piece], begin: int, factor: float) -> None:
    for i, piece in enumerate(pieces[begin:], begin):
        if isinstance(piece, Phrase):
            pieces[i] = Phrase(piece.text, piece.weight * factor)


def _joined(pieces: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, Phrase) and isinstance(last, Phrase) and last.weight == piece.weight:
            joined[-1] = Phrase(last.text + piece.text, piece.weight)
        else:
            joined.append(piece)
    return joined
