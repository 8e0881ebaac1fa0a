"""CLIP's byte-pair tokenizer (Radford et al. 2021, arXiv:2103.00020), equal to the released one token for token."""

import gzip
from collections.abc import Mapping
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple
from unicodedata import normalize

import regex

_WORD_END = "</w>"
_MERGES = 48894  # lines of the vocabulary file in use; it goes on, CLIP does not
_SPECIALS = "<|startoftext|>", "<|endoftext|>"
_SPECIAL = regex.compile("(" + "|".join(map(regex.escape, _SPECIALS)) + ")")
_PIECE = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+")
_SPACE = regex.compile(r"\s+")

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

    def encode(self, text: str) -> list[int]:
        """Ids without start and end. Letter case and the amount of white space make no difference."""
        ids: list[int] = []
        for part in _SPECIAL.split(text):
            if part in _SPECIALS:
                ids.append(self._vocabulary.ids[part])
                continue
            for piece in _PIECE.findall(_normal(part)):
                ids += self._word(piece)
        return ids

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
        """Ids of one word: its bytes, with neighbours joined as long as a merge of the vocabulary fits, best first."""
        ids, ranks = self._vocabulary
        parts = [_LETTERS[byte] for byte in word.encode("utf-8")]
        parts[-1] += _WORD_END
        while len(parts) > 1:
            best = min(pairwise(parts), key=lambda pair: ranks.get(pair, _MERGES))
            if best not in ranks:
                break
            parts = _join(parts, best)
        return tuple(ids[part] for part in parts)


def _normal(text: str) -> str:
    """Composed (NFC), one blank for any white space, and lower case letter by letter: no final sigma."""
    return "".join(letter.lower() for letter in _SPACE.sub(" ", normalize("NFC", text)))


def _join(parts: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for part in parts:
        if joined and (joined[-1], part) == pair:
            joined[-1] += part
        else:
            joined.append(part)
    return joined
