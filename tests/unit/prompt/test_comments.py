"""Comments, against the examples of the contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.prompt.comments import strip_comments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a # b\nc", "a \nc"),
        ("#x\na", "\na"),
        ("a#b", "a\n"),
        ("a\n#x\nb", "a\nb"),
        ("a\n #x\nb", "a\n \nb"),
        ("#x", "\n"),
        ("a cat", "a cat"),
        ("#x\n#y\na", "\n\na"),
    ],
)
def test_examples_are_stripped_as_the_contract_says(text: str, expected: str) -> None:
    assert strip_comments(text) == expected


@given(st.text(alphabet="ab#\n ", max_size=40))
def test_what_is_left_has_no_comment_and_the_words_before_them(text: str) -> None:
    stripped = strip_comments(text)

    assert "#" not in stripped
    assert stripped.replace("\n", "") == "".join(line.partition("#")[0] for line in text.split("\n"))
