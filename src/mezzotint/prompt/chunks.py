"""Chunks: weighted phrases cut into pieces of the length that a text encoder takes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mezzotint.errors import require
from mezzotint.prompt.attention import Break, Piece
from mezzotint.prompt.tokenizer import CLIPTokenizer


@dataclass(frozen=True)
class Chunk:
    """Token ids as an encoder takes them (start, text, end, padding) and a weight for each; ``used`` are text."""

    ids: tuple[int, ...]
    weights: tuple[float, ...]
    used: int


def chunk(
    pieces: Iterable[Piece],
    tokenizer: CLIPTokenizer,
    chunk_tokens: int = 75,
    *,
    comma_backtrack: int = 20,
    padding: int | None = None,
) -> list[Chunk]:
    """The prompt in chunks of ``chunk_tokens`` tokens of text between start and end; at least one.

    Where a chunk is full, what follows its last comma moves to the next one, if that comma is at most
    ``comma_backtrack`` tokens back (0: never). The first padding token is the end token, later ones are ``padding``, or
    the end token again if that is None.
    """
    require(chunk_tokens >= 1, f"a chunk must hold at least 1 token, got {chunk_tokens}")
    rows = [_Row()]
    for piece in pieces:
        if isinstance(piece, Break):
            rows.append(_Row())
            continue
        for token in tokenizer.encode(piece.text):
            if len(rows[-1].ids) == chunk_tokens:
                keep = _place_to_cut(rows[-1].ids, token, tokenizer.comma, comma_backtrack)
                rows.append(rows[-1].cut(keep))
            rows[-1].ids.append(token)
            rows[-1].weights.append(piece.weight)
    if len(rows) > 1 and not rows[-1].ids:  # nothing came after the last BREAK
        rows.pop()
    return [_filled(row, tokenizer, chunk_tokens, padding) for row in rows]


@dataclass
class _Row:
    """A chunk being filled."""

    ids: list[int] = field(default_factory=list[int])
    weights: list[float] = field(default_factory=list[float])

    def cut(self, keep: int) -> "_Row":
        """Shorten to ``keep`` tokens; the rest comes back."""
        rest = _Row(self.ids[keep:], self.weights[keep:])
        del self.ids[keep:], self.weights[keep:]
        return rest


def _place_to_cut(ids: list[int], following: int, comma: int, backtrack: int) -> int:
    """How many tokens stay in a full chunk when ``following`` is the next one."""
    if following == comma:
        return len(ids)
    near = range(len(ids) - 1, max(len(ids) - backtrack, 0) - 1, -1)
    return next((i + 1 for i in near if ids[i] == comma), len(ids))


def _filled(row: _Row, tokenizer: CLIPTokenizer, chunk_tokens: int, padding: int | None) -> Chunk:
    room = chunk_tokens - len(row.ids)
    tail = [tokenizer.end] + [tokenizer.end if padding is None else padding] * room
    return Chunk(
        ids=(tokenizer.start, *row.ids, *tail),
        weights=(1.0, *row.weights, *(1.0 for _ in tail)),
        used=len(row.ids),
    )
