"""CLIP's tokenizer against known ids."""

import hashlib
from importlib.resources import files
from itertools import pairwise
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.prompt.tokenizer import CLIPTokenizer

TOKENIZER = CLIPTokenizer()
ASTRONAUT = [320, 1125, 539, 550, 18376, 267, 15304, 272, 273, 274, 748]


def test_the_vocabulary_is_the_published_file() -> None:
    packed = (files("mezzotint") / "assets" / "clip_bpe.txt.gz").read_bytes()
    assert hashlib.sha256(packed).hexdigest() == "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("a photo of an astronaut, café 123 !!", ASTRONAUT),
        ("a photo of a cat", [320, 1125, 539, 320, 2368]),
        ("cat, dog", [2368, 267, 1929]),
        ("", []),
        ("  \n\t ", []),
        ("<|endoftext|> cat", [49407, 2368]),
    ],
)
def test_known_texts_have_their_ids(text: str, ids: list[int]) -> None:
    assert TOKENIZER.encode(text) == ids


def test_case_white_space_and_composition_make_no_difference() -> None:
    shouted = "  A Photo\tOF an\n\nASTRONAUT ,CAFE\u0301 1 2 3 !! "
    assert TOKENIZER.encode(shouted) == ASTRONAUT


def test_named_tokens_are_those_of_the_vocabulary() -> None:
    assert TOKENIZER.encode(",") == [CLIPTokenizer.comma]
    assert TOKENIZER.encode("<|startoftext|><|endoftext|>") == [CLIPTokenizer.start, CLIPTokenizer.end]


def test_any_byte_has_an_id() -> None:
    assert all(0 <= token < 49408 for token in TOKENIZER.encode("".join(map(chr, range(0x300))) + "🦊漢\U0010ffff"))


def test_the_vocabulary_is_read_when_needed() -> None:
    tokenizer = CLIPTokenizer()
    assert "_vocabulary" not in vars(tokenizer)

    tokenizer.encode("cat")

    assert "_vocabulary" in vars(tokenizer)


def test_entries_are_the_text_of_their_ids() -> None:
    entries, ids = TOKENIZER.entries(), TOKENIZER.encode("a heron")

    assert [entries[number] for number in ids] == ["a", "heron"]
    assert len(entries) == 49408


def test_what_is_joined_takes_part_in_later_merges_only() -> None:
    ranks = TOKENIZER._vocabulary.ranks  # what joining by rank and place relies on
    made = {left + right: rank for (left, right), rank in ranks.items()}

    assert len(made) == len(ranks)
    assert all(made.get(part, -1) < rank for pair, rank in ranks.items() for part in pair)


def joined_in_rounds(word: str) -> list[int]:
    """The definition: all pairs of the lowest rank at once, from left to right, again and again."""
    ids, ranks = TOKENIZER._vocabulary
    parts = [*word[:-1], f"{word[-1]}</w>"]
    while known := [pair for pair in pairwise(parts) if pair in ranks]:
        best = min(known, key=lambda pair: ranks[pair])
        joined: list[str] = []
        for part in parts:
            if joined and (joined[-1], part) == best:
                joined[-1] += part
            else:
                joined.append(part)
        parts = joined
    return [ids[part] for part in parts]


@given(st.text(alphabet="abcdeinorst", min_size=1, max_size=100) | st.text(alphabet="ab", min_size=1, max_size=100))
def test_words_are_joined_best_pair_first(word: str) -> None:
    assert TOKENIZER.encode(word) == joined_in_rounds(word)


def test_many_accents_are_put_in_order_as_composition_does() -> None:
    accents = "\u0301\u0316\u0344\u0338" * 50
    assert TOKENIZER.encode(f"e{accents}") == TOKENIZER.encode(normalize("NFC", f"e{accents}"))


def test_half_a_surrogate_pair_is_a_question_mark() -> None:
    assert TOKENIZER.encode("cat \ud800") == TOKENIZER.encode("cat ?")
