"""Prompt editing and alternation, against every example of the contract (S1 to S44, and the second pass)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.errors import RequestError
from mezzotint.prompt.schedule import Clock, Entries, schedule, text_at

Expected = list[tuple[int, str]]
CASTLE = "castle on a [hill:cliff:0.2] with [a moon:two moons:0.8][ at dusk::0.55][: in mist:0.2] [rough:polished:0.5]"
EXAMPLES: list[tuple[int, str, Expected]] = [
    (10, "cat", [(10, "cat")]),
    (10, "x [y:3]", [(3, "x "), (10, "x y")]),
    (10, "x [y: 3]", [(3, "x "), (10, "x y")]),
    (10, "x [[[y]]:2]", [(2, "x "), (10, "x [[y]]")]),
    (10, "[(x:2):3]", [(3, ""), (10, "(x:2)")]),
    (10, "p [q : r : 1] s", [(1, "p q  s"), (10, "p  r  s")]),
    (10, "p[q:[r:s:2]:1]t", [(1, "pqt"), (2, "prt"), (10, "pst")]),
    (10, "p [open", [(10, "p [open")]),
    (10, "p [q:.5] r", [(5, "p  r"), (10, "p q r")]),
    (10, "((p][:q:r [s:3]", [(3, "((p][:q:r "), (10, "((p][:q:r s")]),
    (4, "[p|(q:1.1)]", [(1, "p"), (2, "(q:1.1)"), (3, "p"), (4, "(q:1.1)")]),
    (4, "[gr|]eat", [(1, "great"), (2, "eat"), (3, "great"), (4, "eat")]),
    (8, "[gr|||]eat", list(enumerate(["great", "eat", "eat", "eat"] * 2, 1))),
    (7, "[a|b|c]", list(enumerate("abcabca", 1))),
    (20, "[cat:dog:0.5]", [(10, "cat"), (20, "dog")]),
    (20, "[cat:dog:10]", [(10, "cat"), (20, "dog")]),
    (20, "[cat:dog:1]", [(1, "cat"), (20, "dog")]),
    (20, "[cat:dog:1.0]", [(20, "cat")]),
    (20, "[cat:dog:0]", [(20, "dog")]),
    (20, "[cat:dog:0.0]", [(20, "dog")]),
    (20, "[a:b:-1]", [(20, "b")]),
    (20, "[cat:dog:25]", [(20, "cat")]),
    (20, "[cat:dog:1.5]", [(20, "cat")]),
    (20, "[cat:dog:20]", [(20, "cat")]),
    (20, "[cat::5]", [(5, "cat"), (20, "")]),
    (20, "[cat::0.25]", [(5, "cat"), (20, "")]),
    (20, "[dog:5]", [(5, ""), (20, "dog")]),
    (20, "[dog:0.25]", [(5, ""), (20, "dog")]),
    (20, "[a:b:0.333]", [(6, "a"), (20, "b")]),
    (20, "[a:b:0.99]", [(19, "a"), (20, "b")]),
    (20, "[a:b:1e1]", [(10, "a"), (20, "b")]),
    (20, "[a:b: +5 ]", [(5, "a"), (20, "b")]),
    (
        40,
        CASTLE,
        [
            (8, "castle on a hill with a moon at dusk rough"),
            (20, "castle on a cliff with a moon at dusk in mist rough"),
            (22, "castle on a cliff with a moon at dusk in mist polished"),
            (32, "castle on a cliff with a moon in mist polished"),
            (40, "castle on a cliff with two moons in mist polished"),
        ],
    ),
    (4, "[[a|b]:c:0.5]", [(1, "a"), (2, "b"), (3, "c"), (4, "c")]),
    (4, "[a|[b:c:2]]", [(1, "a"), (2, "b"), (3, "a"), (4, "c")]),
    (10, "(a [b:c:0.5]:1.3)", [(5, "(a b:1.3)"), (10, "(a c:1.3)")]),
    *((10, text, [(10, text)]) for text in ("[a:b]", "[a:b:c]", "[a:b:c:3]", "[a]")),
    (10, "[a:b:3] [c:d:7]", [(3, "a c"), (7, "b c"), (10, "b d")]),
    (10, "[a: (b:1.2) :3]", [(3, "a"), (10, " (b:1.2) ")]),
    (
        3,
        "x [(big:1.4) cat|dog] y",
        [(1, "x (big:1.4) cat y"), (2, "x dog y"), (3, "x (big:1.4) cat y")],
    ),
    (10, r"a\[b:c:3\]", [(10, r"a\[b:c:3\]")]),
    (10, r"[a\:b:c:3]", [(3, r"a\:b"), (10, "c")]),
    (10, "[<lora:x:1>:<lora:y:1>:5]", [(10, "[<lora:x:1>:<lora:y:1>:5]")]),
    (
        3,
        "((soft)), (warm1:1.1), [late:1], [early::2], [oil:ink:0.3], [red|blue]",
        [
            (1, "((soft)), (warm1:1.1), , early, ink, red"),
            (2, "((soft)), (warm1:1.1), late, early, ink, blue"),
            (3, "((soft)), (warm1:1.1), late, , ink, red"),
        ],
    ),
    (20, "a AND [b:c:5]", [(5, "a AND b"), (20, "a AND c")]),
    *((10, text, [(10, text)]) for text in ("a | [b:c:5]", "[a|b] | c", "{a|b} [c:d:5]", "(a|b)", "(a|b) [c:d:5]")),
    *((10, text, [(10, text)]) for text in ("[a:b:0.5]]", "[a:b:5")),
    (10, "[[a:b:5]", [(5, "[a"), (10, "[b")]),
    (10, "a : b [c:d:5]", [(5, "a : b c"), (10, "a : b d")]),
    (10, "a) [b:c:5] (", [(5, "a) b ("), (10, "a) c (")]),
    *((10, text, [(10, text)]) for text in ("[a|b:3]", "[a:b|c:3]", "[ab:cd|ef]")),
    (10, "[a b: c d :0.5]", [(5, "a b"), (10, " c d ")]),
    (10, "[::5]", [(5, ""), (10, "")]),
    # beyond the tables: readings on which the reference's parser never wavers
    (10, "[a:b:5] ]", [(5, "a ]"), (10, "b ]")]),
    (4, "[a|b]]", list(enumerate(["a]", "b]", "a]", "b]"], 1))),
    (10, "([a:b:5] c:d:e)", [(5, "(a c:d:e)"), (10, "(b c:d:e)")]),
    (10, "[x [a:b] y:z:5]", [(10, "[x [a:b] y:z:5]")]),
    (10, "[(a:b:c):d:5]", [(10, "[(a:b:c):d:5]")]),
    (10, "(a:b:c) [d:e:5]", [(5, "(a:b:c) d"), (10, "(a:b:c) e")]),
    (10, "[a (b:c:5]", [(10, "[a (b:c:5]")]),
    (10, "[[a:b:5]:c:3]", [(3, "a"), (5, "c"), (10, "c")]),
    (10, "[5:6:5]", [(5, "5"), (10, "6")]),
    (10, "[:5]", [(5, ""), (10, "")]),
    (10, "[a:b:1.5e1]", [(10, "a")]),
    (10, "[a:b:5_0]", [(10, "[a:b:5_0]")]),
    (10, "[a\nb:c:\t5\n]", [(5, "a\nb"), (10, "c")]),
    (2, "[|]", [(1, ""), (2, "")]),
    (3, "[a| |b]", [(1, "a"), (2, " "), (3, "b")]),
    (2, "[a|[b]]", [(1, "a"), (2, "[b]")]),
    (10, "[a:b:5] \\", [(10, "[a:b:5] \\")]),
    (10, "[a:b:5] \\\nc", [(10, "[a:b:5] \\\nc")]),
    # a switch with a stray bracket behind it is text, and what it held counts again
    (10, "[a:[b:c:3]:5]]", [(3, "[a:b:5]]"), (10, "[a:c:5]]")]),
    (10, f"[a:b:{'9' * 400}]", [(10, "a")]),
    (10, "[a:b:-1e400]", [(10, "b")]),
]
SECOND_PASS: list[tuple[str, Expected, Expected]] = [
    ("[a:b:0.5]", [(10, "a"), (20, "b")], [(10, "b")]),
    ("[a:b:1.0]", [(20, "a")], [(10, "b")]),
    ("[a:b:1.5]", [(20, "a")], [(5, "a"), (10, "b")]),
    ("[a:b:2.0]", [(20, "a")], [(10, "a")]),
    ("[a:b:15]", [(15, "a"), (20, "b")], [(10, "b")]),
    ("[a:b:20]", [(20, "a")], [(10, "b")]),
    ("[a:b:25]", [(20, "a")], [(5, "a"), (10, "b")]),
    ("[a:b:30]", [(20, "a")], [(10, "a")]),
    ("[a:b:35]", [(20, "a")], [(10, "a")]),
    ("[a|b]", list(enumerate("ab" * 10, 1)), list(enumerate("ab" * 5, 1))),
]
SYNTAX = st.text(alphabet="ab ()[]:|\\.5-\n", max_size=60)


@pytest.mark.parametrize(("calls", "text", "expected"), EXAMPLES)
def test_examples_are_scheduled_as_the_contract_says(calls: int, text: str, expected: Expected) -> None:
    assert list(schedule(text, Clock(calls))) == expected


@pytest.mark.parametrize(("text", "first", "second"), SECOND_PASS)
def test_numbers_go_on_counting_in_the_second_pass(text: str, first: Expected, second: Expected) -> None:
    assert list(schedule(text, Clock(20))) == first
    assert list(schedule(text, Clock(20, hires_calls=10))) == second


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a:b:1.0]", [(1, "a"), (20, "b")]),
        ("[a:b:0.999]", [(19, "a"), (20, "b")]),
        ("[a:b:0.5]", [(10, "a"), (20, "b")]),
        ("[a:b:15]", [(15, "a"), (20, "b")]),
        ("[a:b:2.9]", [(2, "a"), (20, "b")]),
    ],
)
@pytest.mark.parametrize("hires_calls", [None, 10])
def test_the_old_rule_tells_fractions_by_size_and_passes_not_at_all(
    text: str, expected: Expected, hires_calls: int | None
) -> None:
    assert list(schedule(text, Clock(20, hires_calls, old=True))) == expected


def test_a_switch_comes_one_call_late_and_calls_beyond_the_end_begin_again() -> None:
    entries = schedule("[cat:dog:5]", Clock(20))
    assert [text_at(entries, call) for call in (0, 5, 6, 20, 21)] == ["cat", "cat", "dog", "dog", "cat"]


def test_alternation_shows_the_first_option_twice() -> None:
    entries = schedule("[a|b]", Clock(20))
    assert "".join(text_at(entries, call) for call in range(6)) == "aababa"


def test_a_pass_without_calls_is_refused() -> None:
    with pytest.raises(RequestError, match="at least 1"):
        schedule("cat", Clock(0))


def test_nesting_deeper_than_any_person_writes_is_text() -> None:
    def nested(depth: int) -> str:
        return "[a:" * depth + "b" + ":5]" * depth

    assert len(schedule(nested(64), Clock(10))) == 2
    assert schedule(nested(65), Clock(10)) == ((10, nested(65)),)
    assert schedule(nested(20_000), Clock(10)) == ((10, nested(20_000)),)


@given(SYNTAX, st.integers(1, 12), st.none() | st.integers(1, 12))
def test_any_text_has_a_schedule_that_rises_to_the_last_call(text: str, calls: int, hires: int | None) -> None:
    entries: Entries = schedule(text, Clock(calls, hires))

    ends = [end for end, _ in entries]
    assert ends[0] >= 1
    assert ends[-1] == (hires or calls)
    assert all(end < after for end, after in pairwise(ends))


@given(st.text(alphabet="abc ():,.{}\\n", max_size=40))
def test_text_without_square_brackets_stays_as_it_is(text: str) -> None:
    assert schedule(text, Clock(10)) == ((10, text),)


@given(SYNTAX, SYNTAX)
def test_a_switch_shows_the_one_and_then_the_other(before: str, after: str) -> None:
    one, other = ("".join(f"\\{letter}" for letter in text.replace("\n", " ")) for text in (before, after))
    assert schedule(f"[{one}:{other}:3]", Clock(10)) == ((3, one), (10, other))
