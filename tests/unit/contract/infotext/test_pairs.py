import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.contract.infotext.pairs import pair, pairs_in, whole

LONGEST_S = 10.0  # for 50 kB on a slow machine; a reader that looks back at every letter takes minutes


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("", []),
        ("no pairs at all", []),
        ("Steps: 20, CFG scale: 7", [("Steps", "20"), ("CFG scale", "7")]),
        ("  -/ Steps: 20", [("Steps", "20")]),
        ("a: 5, ab: 5", [("ab", "5")]),
        ("Steps:20,Seed:1", [("Steps", "20"), ("Seed", "1")]),
        ("Steps: , Seed: 1", [("Steps", ""), ("Seed", "1")]),
        ("Time: 12:30, Seed: 1", [("Time", "12:30"), ("Seed", "1")]),
        ("X-1/2 y: 3", [("X-1/2 y", "3")]),
        ("(x) Größe φ: 3", [("Größe φ", "3")]),
        ('P: 1, Pr: "a, b: c", Seed: 1', [("Pr", "a, b: c"), ("Seed", "1")]),
        ('Pr: "a \\"b\\" \\\\", Seed: 1', [("Pr", 'a "b" \\'), ("Seed", "1")]),
        ('Pr: "a" b, Seed: 1', [("Pr", '"a" b'), ("Seed", "1")]),
        ('Pr: "odd, Seed: 1', [("Pr", '"odd'), ("Seed", "1")]),
        ('Pr: "\\q", Seed: 1', [("Pr", '"\\q"'), ("Seed", "1")]),
        ('Pr: "", Seed: 1', [("Pr", ""), ("Seed", "1")]),
        ('Pr: ", Seed: 1', [("Pr", '"'), ("Seed", "1")]),
    ],
)
def test_pairs_are_found_as_a1111_finds_them(line: str, pairs: list[tuple[str, str]]):
    assert list(pairs_in(line)) == pairs


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_quoted_value_comes_back(value: str):
    line = pair("Some key", f"{value}, :")

    assert list(pairs_in(line)) == [("Some key", f"{value}, :")]


@given(st.text(alphabet='a1:," \\\\/-\n\t', max_size=60))
def test_no_line_is_too_odd(line: str):
    assert all(len(key) > 1 for key, _ in pairs_in(line))


@pytest.mark.parametrize("piece", ["a", " ", "a:", 'ab:"', 'ab:"\\', "ab: ", '"', "\\", 'ab:"x,', "-", "a,"])
def test_reading_takes_time_in_proportion_to_the_length(piece: str):
    line = piece * (50_000 // len(piece))
    before = time.process_time()

    list(pairs_in(line))

    assert time.process_time() - before < LONGEST_S


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("0512", 512), ("", None), ("1.0", None), ("9" * 5000, None)])
def test_whole_numbers_are_told_from_others(text: str, number: int | None):
    assert whole(text) == number
