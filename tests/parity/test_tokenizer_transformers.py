"""CLIP's tokenizer against the one of transformers, built from the same list of merges."""

import unicodedata
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mezzotint.prompt.tokenizer import CLIPTokenizer
from tests.parity import oracles

OURS = CLIPTokenizer()
SYLLABLES = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCXYZ'’-.,!?&@#0123456789 \n\t", max_size=60)
OLD_LETTERS = st.characters(exclude_categories=["Cs", "Cn"]).filter(
    lambda letter: (
        unicodedata.ucd_3_2_0.category(letter) != "Cn"
    )  # newer ones are read by the age of each Unicode table
)
EXAMPLES = [
    "a photo of an astronaut, café 123 !!",
    "Émile Zola's naïve coöperation; it's, we're, I'll, I'd, they've, I'm, can't",
    "ΟΔΟΣ Σίσυφος İstanbul ẞ straße ﬁancé",
    "漢字 と かな カナ 한국어 हिन्दी עברית العربية ไทย",
    "🦊🍎 emoji 👩‍🚀 family 👨‍👩‍👧 flags 🇫🇷",
    "tab\tnewline\nthin\u2009space no-break\u00a0space ideographic\u3000space zero\u200bwidth",
    "<|startoftext|> in the middle <|endoftext|><|ENDOFTEXT|>",
    "(masterpiece:1.2), [blurry], <lora:ink:0.8> {a|b} \\(kept\\) :: -- __x__",
    "½ ² ① Ⅷ ٣ 1.234.567,89 0x7f",
    "e\u0301 a\u030a o\u0308\u0304 \u1100\u1161 \u212b \u2126",
    "''s '' 's'S 'T 'Re !'s",
    "supercalifragilisticexpialidocious antidisestablishmentarianism pneumonoultramicroscopic",
    "",
    " ",
]


class Oracle(Protocol):
    def __call__(self, text: str) -> dict[str, list[int]]: ...


@pytest.fixture(scope="module")
def theirs() -> Oracle:
    pytest.importorskip("transformers")
    return oracles.tokenizer()


def check(theirs: Oracle, text: str) -> None:
    assert [OURS.start, *OURS.encode(text), OURS.end] == theirs(text)["input_ids"], repr(text)


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_have_the_same_ids(theirs: Oracle, text: str) -> None:
    check(theirs, text)


@settings(max_examples=300, deadline=None)
@given(text=SYLLABLES)
def test_words_have_the_same_ids(theirs: Oracle, text: str) -> None:
    check(theirs, text)


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=OLD_LETTERS, max_size=20))
def test_any_letters_have_the_same_ids(theirs: Oracle, text: str) -> None:
    check(theirs, text)
