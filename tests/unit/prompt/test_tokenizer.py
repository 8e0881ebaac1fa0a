"""CLIP's tokenizer against known ids."""

import hashlib
from importlib.resources import files

import pytest

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
