"""Chunks: weighted phrases cut into pieces of the length that a text encoder takes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mezzotint.errors import require
from mezzotint.prompt.attention import Break, EmphasisMode, Piece, parse_emphasis
from mezzotint.prompt.embeddings import EmbeddingName, EmbeddingNames, Fix
from mezzotint.prompt.tokenizer import CLIPTokenizer

_PLACEHOLDER = 0  # id where a vector of an embedding goes


@dataclass(frozen=True)
class Chunk:
    """Token ids as an encoder takes them (start, text, end, padding) and a weight for each; ``used`` are text.

    ``fixes`` say which of them are replaced by vectors of embeddings; their ids are 0.
    """

    ids: tuple[int, ...]
    weights: tuple[float, ...]
    used: int
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class TokenCount:
    """How many tokens a prompt takes, and how many the chunks that hold it have room for."""

    used: int
    room: int


def chunk(
    pieces: Iterable[Piece],
    tokenizer: CLIPTokenizer,
    chunk_tokens: int = 75,
    *,
    comma_backtrack: int = 20,
    padding: int | None = None,
    embeddings: EmbeddingNames | None = None,
) -> list[Chunk]:
    """The prompt in chunks of ``chunk_tokens`` tokens of text between start and end; at least one.

    Where a chunk is full, what follows its last comma moves to the next one, if that comma is at most
    ``comma_backtrack`` tokens back (0: never). The first padding token is the end token, later ones are ``padding``, or
    the end token again if that is None. The name of an embedding takes as many tokens as it has vectors, all in one
    chunk; one that has more than a chunk holds is text.
    """
    rows = _rows(pieces, tokenizer, chunk_tokens, comma_backtrack, embeddings)
    if len(rows) > 1 and not rows[-1].ids:  # nothing came after the last BREAK
        rows.pop()
    return [_filled(row, tokenizer, chunk_tokens, padding) for row in rows]


def count_tokens(
    texts: Iterable[str],
    tokenizer: CLIPTokenizer,
    chunk_tokens: int = 75,
    *,
    comma_backtrack: int = 20,
    embeddings: EmbeddingNames | None = None,
    emphasis: EmphasisMode = "Original",
) -> TokenCount:
    """The count of the longest of a prompt's texts, where a chunk that is not the last counts as full."""
    used = 0
    for text in texts:
        rows = _rows(parse_emphasis(text, emphasis), tokenizer, chunk_tokens, comma_backtrack, embeddings)
        used = max(used, (len(rows) - 1) * chunk_tokens + len(rows[-1].ids))
    return TokenCount(used, max(-(-used // chunk_tokens), 1) * chunk_tokens)


@dataclass
class _Row:
    """A chunk being filled. Fixes are placed in its ids, which do not have the start token yet."""

    ids: list[int] = field(default_factory=list[int])
    weights: list[float] = field(default_factory=list[float])
    fixes: list[Fix] = field(default_factory=list[Fix])

    def add(self, ids: list[int], weight: float) -> None:
        self.ids += ids
        self.weights += [weight] * len(ids)

    def cut(self, keep: int) -> "_Row":
        """Shorten to ``keep`` tokens; the rest comes back."""
        moved = [Fix(fix.position - keep, fix.length, fix.name) for fix in self.fixes if fix.position >= keep]
        rest = _Row(self.ids[keep:], self.weights[keep:], moved)
        del self.ids[keep:], self.weights[keep:]
        self.fixes = self.fixes[: len(self.fixes) - len(moved)]
        return rest


def _rows(
    pieces: Iterable[Piece],
    tokenizer: CLIPTokenizer,
    chunk_tokens: int,
    comma_backtrack: int,
    embeddings: EmbeddingNames | None,
) -> list[_Row]:
    """Chunks not yet filled up; an empty one last if the prompt ends in BREAK."""
    require(chunk_tokens >= 1, f"a chunk must hold at least 1 token, got {chunk_tokens}")
    rows = [_Row()]

    def make_room(following: int) -> int:
        """Free places in the last row, a new one if it was full when token ``following`` came."""
        if len(rows[-1].ids) == chunk_tokens:
            keep = _place_to_cut(rows[-1].ids, following, tokenizer.comma, comma_backtrack)
            rows.append(rows[-1].cut(keep))
        return chunk_tokens - len(rows[-1].ids)

    for piece in pieces:
        if isinstance(piece, Break):
            rows.append(_Row())
            continue
        for run in _runs(tokenizer.encode(piece.text), embeddings, chunk_tokens):
            if isinstance(run, EmbeddingName):
                room = make_room(run.ids[0])
                if run.length > room:
                    rows.append(_Row())
                rows[-1].fixes.append(Fix(len(rows[-1].ids), run.length, run.name))
                rows[-1].add([_PLACEHOLDER] * run.length, piece.weight)
                continue
            done = 0
            while done < len(run):
                room = make_room(run[done])
                rows[-1].add(run[done : done + room], piece.weight)
                done += room
    return rows


def _runs(ids: list[int], embeddings: EmbeddingNames | None, longest: int) -> Iterator[list[int] | EmbeddingName]:
    """Tokens of text, and between them the embeddings that they name."""
    if embeddings is None:
        yield ids
        return
    begin = place = 0
    while place < len(ids):
        found = embeddings.at(ids, place)
        if found is None or found.length > longest:
            place += 1
            continue
        yield ids[begin:place]
        yield found
        begin = place = place + len(found.ids)
    yield ids[begin:]


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
        fixes=tuple(Fix(fix.position + 1, fix.length, fix.name) for fix in row.fixes),
    )
