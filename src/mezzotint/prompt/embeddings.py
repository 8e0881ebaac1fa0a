"""Names of textual inversions among the tokens of a prompt (Gal et al. 2022, arXiv:2208.01618)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mezzotint.prompt.tokenizer import CLIPTokenizer


@dataclass(frozen=True)
class Fix:
    """Vectors that come from an embedding: where they begin in a chunk's ids, how many, and whose they are."""

    position: int
    length: int
    name: str


@dataclass(frozen=True)
class EmbeddingName:
    """A name as tokens, and how many vectors stand for it."""

    name: str
    ids: tuple[int, ...]
    length: int


class EmbeddingNames:
    """All names that are looked for. Made once for as long as the embeddings do not change."""

    def __init__(self, lengths: Mapping[str, int], tokenizer: CLIPTokenizer) -> None:
        """``lengths`` are numbers of vectors by name. A name without tokens, or without vectors, is never found."""
        self._by_first: dict[int, list[EmbeddingName]] = defaultdict(list)
        for name, length in lengths.items():
            if length >= 1 and (ids := tuple(tokenizer.encode(name))):
                self._by_first[ids[0]].append(EmbeddingName(name, ids, length))
        for names in self._by_first.values():
            names.sort(key=lambda each: len(each.ids), reverse=True)

    def at(self, ids: Sequence[int], place: int) -> EmbeddingName | None:
        """The longest name that begins at this place; of names that are the same tokens, the first registered."""
        for name in self._by_first.get(ids[place], ()):
            if tuple(ids[place : place + len(name.ids)]) == name.ids:
                return name
        return None
