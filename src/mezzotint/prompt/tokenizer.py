"""CLIP's byte-pair tokenizer (Radford et al. 2021, arXiv:2103.00020), equal to the released one token for token."""

import gzip
from collections.abc import Mapping
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heappush
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple
from unicodedata import combining, normalize

import regex

_WORD_END = "</w>"
_MERGES = 48894  # lines of the vocabulary file in use; it goes on, CLIP does not
_SPECIALS = "<|startoftext|>", "<|endoftext|>"
_SPECIAL = regex.compile("(" + "|".join(map(regex.escape, _SPECIALS)) + ")")
_PIECE = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+")
_SPACE = regex.compile(r"\s+")
_ACCENTS = regex.compile(r"\P{ccc=0}{64,}")
_LONGEST_WORD = 64  # letters, to be remembered
_LONGEST_PHRASE = 512

_VISIBLE = (*range(33, 127), *range(161, 173), *range(174, 256))
_HIDDEN = tuple(byte for byte in range(256) if byte not in _VISIBLE)
_LETTERS = {byte: chr(byte) for byte in _VISIBLE} | {byte: chr(256 + i) for i, byte in enumerate(_HIDDEN)}
"""Each byte as a visible letter, in the order of the vocabulary."""


class _Vocabulary(NamedTuple):
    ids: Mapping[str, int]
    ranks: Mapping[tuple[str, str], int]  # lower merges first


class CLIPTokenizer:
    """Text to token ids. The vocabulary (49408 entries) is read when the first text comes."""

    start: Final = 49406
    """Id of the token before every text."""
    end: Final = 49407
    """Id of the token after every text, and of padding."""
    comma: Final = 267

    def __init__(self, vocabulary: Path | None = None) -> None:
        """``vocabulary`` is a gzipped list of merges, the one in the package if None."""
        self._path = vocabulary
        self._word = lru_cache(maxsize=16384)(self._merged)
        self._phrase = lru_cache(maxsize=2048)(self._encoded)  # the texts of one schedule share most of theirs

    def encode(self, text: str) -> list[int]:
        """Ids without start and end. Letter case and the amount of white space make no difference."""
        return list(self._phrase(text) if len(text) <= _LONGEST_PHRASE else self._encoded(text))

    def _encoded(self, text: str) -> tuple[int, ...]:
        ids: list[int] = []
        for part in _SPECIAL.split(text) if "<|" in text else (text,):
            if part in _SPECIALS:
                ids.append(self._vocabulary.ids[part])
                continue
            pieces = _PIECE.findall(_normal(part))
            are_words = max(map(len, pieces), default=0) <= _LONGEST_WORD
            ids += chain.from_iterable(map(self._word if are_words else self._merged, pieces))
        return tuple(ids)

    def entries(self) -> list[str]:
        """Every entry of the vocabulary as text, in the order of the ids; bytes that are no text alone are replaced."""
        bytes_of = {letter: byte for byte, letter in _LETTERS.items()}
        return [
            entry
            if entry in _SPECIALS
            else bytes(bytes_of[letter] for letter in entry.removesuffix(_WORD_END)).decode("utf-8", "replace")
            for entry in self._vocabulary.ids
        ]

    @cached_property
    def _vocabulary(self) -> _Vocabulary:
        source = self._path or files("mezzotint") / "assets" / "clip_bpe.txt.gz"
        lines = gzip.decompress(source.read_bytes()).decode("utf-8").split("\n")[1 : _MERGES + 1]
        pairs = [(left, right) for left, right in (line.split() for line in lines)]
        letters = list(_LETTERS.values())
        entries = [*letters, *(letter + _WORD_END for letter in letters), *(left + right for left, right in pairs)]
        ids = {entry: number for number, entry in enumerate([*entries, *_SPECIALS])}
        return _Vocabulary(ids=ids, ranks={pair: rank for rank, pair in enumerate(pairs)})

    def _merged(self, word: str) -> tuple[int, ...]:
        """Ids of one word: its bytes, with neighbours joined as long as a merge of the vocabulary fits, best first.

        A joined part is in later merges only, so taking pairs from a heap by rank and then place is the same as joining
        all pairs of the best rank in a round, which takes a long word the square of its length.
        """
        ids, ranks = self._vocabulary
        parts = [_LETTERS[byte] for byte in word.encode("utf-8", errors="replace")]  # a lone surrogate is no text
        parts[-1] += _WORD_END
        end = len(parts)
        following, preceding = list(range(1, end + 1)), list(range(-1, end - 1))
        heap = [
            (rank, place, parts[place], parts[place + 1])
            for place in range(end - 1)
            if (rank := ranks.get((parts[place], parts[place + 1]))) is not None
        ]
        heapify(heap)
        while heap:
            _, place, left, right = heappop(heap)
            after = following[place]
            if parts[place] != left or after == end or parts[after] != right:
                continue  # one of them was joined to something else since
            parts[place], parts[after] = left + right, ""
            following[place] = beyond = following[after]
            if beyond < end:
                preceding[beyond] = place
            for first, second in ((preceding[place], place), (place, beyond)):
                if first >= 0 and second < end:
                    pair = parts[first], parts[second]
                    if (rank := ranks.get(pair)) is not None:
                        heappush(heap, (rank, first, *pair))
        return tuple(ids[part] for part in parts if part)


def _normal(text: str) -> str:
    """Composed (NFC), one blank for any white space, and lower case letter by letter: no final sigma."""
    text = _SPACE.sub(" ", text)
    if text.isascii():
        return text.lower()
    return "".join(letter.lower() for letter in normalize("NFC", _ACCENTS.sub(_in_order, text)))


def _in_order(accents: regex.Match[str]) -> str:
    """As composition puts them; for long rows of accents it takes the square of their number."""
    return "".join(sorted(accents[0], key=combining))
