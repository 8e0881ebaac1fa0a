"""Emphasis syntax, against every example of the contract (A1 to A30)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.prompt.attention import BREAK, Phrase, Piece, parse_attention, parse_emphasis

UP, DOWN = 1.1, 1 / 1.1
Reading = list[tuple[str, float] | str]
EXAMPLES: dict[str, Reading] = {
    "plain words": [("plain words", 1)],
    "some (bright) sky": [("some ", 1), ("bright", UP), (" sky", 1)],
    "(open": [("open", UP)],
    "close)": [("close)", 1)],
    r"\(kept\]": [("(kept]", 1)],
    "(one)(two)": [("onetwo", UP)],
    "x (((tree:1.3)) [by] a (lake:0.5), fog, (((moon))).": [
        ("x ", 1),
        ("tree", 1.573),
        (" ", UP),
        ("by", 1),
        (" a ", UP),
        ("lake", 0.55),
        (", fog, ", UP),
        ("moon", 1.4641),
        (".", UP),
    ],
    "(a: 1.2 )": [("a", 1.2)],
    "(a:1.2 b)": [("a:1.2 b", UP)],
    "(a:+1.5)": [("a", 1.5)],
    "(a:-0.5)": [("a", -0.5)],
    "(a:.5)": [("a", 0.5)],
    "(a:5.)": [("a", 5)],
    "(a:0)": [("a", 0)],
    "((a))": [("a", 1.21)],
    "((a:1.2))": [("a", 1.32)],
    "[a]": [("a", DOWN)],
    "[[a]]": [("a", 0.8264463)],
    "[a:1.2]": [("a:1.2", DOWN)],
    "(a[b]c)": [("a", UP), ("b", 1), ("c", UP)],
    "([a])": [("a", 1)],
    "a:1.2": [("a:1.2", 1)],
    "(a:b:1.2)": [("a:b", 1.2)],
    "(a:b)": [("a:b", UP)],
    "()": [("", 1)],
    "[]": [("", 1)],
    "": [("", 1)],
    "(:1.2)": [("", 1)],
    r"a\b": [("ab", 1)],
    r"\\": [("\\", 1)],
    "\\": [("", 1)],
    r"(a\))": [("a)", UP)],
    "a BREAK b": [("a", 1), "BREAK", ("b", 1)],
    "a BREAKb": [("a BREAKb", 1)],
    "aBREAK b": [("aBREAK b", 1)],
    "a  BREAK  BREAK b": [("a", 1), "BREAK", ("", 1), "BREAK", ("b", 1)],
    "(a BREAK b:1.2)": [("a", 1.2), "BREAK", ("b", 1.2)],  # honoured at any depth
    "[a (b BREAK c)]": [("a ", DOWN), ("b", 1), "BREAK", ("c", 1)],
    "(a:1.2)(b:1.2)": [("ab", 1.2)],
    "((a:1.5) b:0.5)": [("a", 0.75), (" b", 0.5)],
    "a, (b, c:1.4), d": [("a, ", 1), ("b, c", 1.4), (", d", 1)],
    "(a:1e3)": [("a:1e3", UP)],
    "(a:1,2)": [("a:1,2", UP)],
    "(a:1.2.3)": [("a:1.2.3", UP)],  # not a number, so text
    "(a:.)": [("a:.", UP)],
    "(a:)": [("a:", UP)],
    "(a]b)": [("a]b", UP)],
    "{a}": [("{a}", 1)],
    "a AND b": [("a AND b", 1)],
    "(a:1.2": [("a:1.2", UP)],
    "a:1.2)": [("a:1.2)", 1)],
    "(a[b)c]": [("a", UP), ("b", 1), ("c", DOWN)],
    r"\BREAK": [("BREAK", 1)],
    "a\nBREAK\nb": [("a", 1), "BREAK", ("b", 1)],
}
SYNTAX = st.text(alphabet="ab ()[]:\\.,1-+BREAK\n|é", max_size=60)


def reading(pieces: list[Piece]) -> Reading:
    return [(piece.text, piece.weight) if isinstance(piece, Phrase) else "BREAK" for piece in pieces]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES.items())
def test_examples_read_as_the_contract_says(text: str, expected: Reading) -> None:
    result = reading(parse_attention(text))

    assert [item if isinstance(item, str) else item[0] for item in result] == [
        item if isinstance(item, str) else item[0] for item in expected
    ]
    assert [item[1] for item in result if not isinstance(item, str)] == pytest.approx(
        [item[1] for item in expected if not isinstance(item, str)]
    )


@given(SYNTAX)
def test_any_text_can_be_read(text: str) -> None:
    pieces = parse_attention(text)

    assert pieces
    weights = [piece.weight if isinstance(piece, Phrase) else None for piece in pieces]
    assert all(weight is None or weight != after for weight, after in pairwise(weights))


@given(st.text(alphabet="abc ,.-é{}<>|", max_size=40))
def test_text_without_syntax_stays_as_it_is(text: str) -> None:
    assert parse_attention(text) == [Phrase(text)]


@given(st.text(max_size=30))
def test_escaped_text_stays_as_it_is(text: str) -> None:
    assert parse_attention("".join(f"\\{letter}" for letter in text)) == [Phrase(text)]


@given(SYNTAX)
def test_brackets_never_lose_a_letter(text: str) -> None:
    kept = "".join(piece.text if isinstance(piece, Phrase) else "BREAK" for piece in parse_attention(text))
    assert [letter for letter in kept if letter in "abéBREAK"] == [letter for letter in text if letter in "abéBREAK"]


@pytest.mark.parametrize("depth", [1, 5, 16, 17, 40])
def test_brackets_multiply_from_the_innermost_outwards(depth: int) -> None:
    expected = 1.0
    for _ in range(depth):
        expected *= UP

    (result,) = reading(parse_attention("(" * depth + "a" + ")" * depth))

    assert result == ("a", pytest.approx(expected, rel=1e-14))


def test_crossing_brackets_both_count() -> None:
    assert reading(parse_attention("a(b[c:1.5)d]e)")) == [
        ("a", 1),
        ("b", 1.5),
        ("c", 1.5 * DOWN),
        ("d", DOWN),
        ("e)", 1),
    ]


@pytest.mark.parametrize(
    ("text", "weight"),
    [("(" * 400 + "a", 100), ("(a:1000)", 100), ("(a:-1000)", -100), (f"(a:{'9' * 400})", 100), ("[" * 9000 + "a", 0)],
)
def test_weights_stay_between_minus_and_plus_100(text: str, weight: float) -> None:
    assert reading(parse_attention(text)) == [("a", pytest.approx(weight))]


def test_a_weight_beyond_numbers_cancelled_by_nothing_is_nothing() -> None:
    assert parse_attention(f"((a:{'9' * 400}):0)") == [Phrase("a", 0)]


def test_breaks_are_not_phrases() -> None:
    assert parse_attention("BREAK") == [Phrase(""), BREAK, Phrase("")]


@given(SYNTAX)
def test_without_emphasis_all_is_text(text: str) -> None:
    assert parse_emphasis(text, "None") == [Phrase(text)]
    assert parse_emphasis(text, "Ignore") == parse_emphasis(text) == parse_attention(text)
