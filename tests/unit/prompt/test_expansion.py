"""Dynamic prompts drawn by chance, and all that there are.

The sets of what can come out are those of dynamicprompts 0.31, but for braces around a single choice, which stay, and
choices that are alike, of which it takes none. It sorts the values of wildcards; here they keep their order.
"""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.errors import PromptSyntaxError
from mezzotint.prompt.expansion import combinations, expand
from mezzotint.prompt.wildcards import Wildcards

COLOURS = Wildcards(
    {
        "warm": ["red", "orange"],
        "cold": ["blue"],
        "shade": ["3::light __warm__", "dark __cold__"],
        "mood": ["{calm|wild}", "odd"],
        "deep/end": ["x"],
    }
)
ALL: list[tuple[str, list[str]]] = [
    ("{a|b} {c|d}", ["a c", "a d", "b c", "b d"]),
    ("{2$$a|b|c}", ["a,b", "a,c", "b,a", "b,c", "c,a", "c,b"]),
    ("{1-2$$a|b|c}", ["a", "b", "c", "a,b", "a,c", "b,a", "b,c", "c,a", "c,b"]),
    ("{2$$ and $$a|b}", ["a and b", "b and a"]),
    ("{0.5::a|2::b}", ["a", "b"]),
    ("{a|}", ["a", ""]),
    ("{a|{b|c}}", ["a", "b", "c"]),
    ("{2$$a}", ["a"]),
    ("{3$$a|b}", ["a,b", "b,a"]),
    ("{0$$a|b}", [""]),
    ("{1-$$a|b}", ["a", "b", "a,b", "b,a"]),
    ("{-2$$a|b}", ["a", "b", "a,b", "b,a"]),
    ("x {a | b } y", ["x a  y", "x b  y"]),
    ("{a::b|c}", ["a::b", "c"]),
    ("{2::a}", ["a"]),
    ("a|b}", ["a|b}"]),
    ("__warm__", ["red", "orange"]),
    ("__warm__ {a|b}", ["red a", "red b", "orange a", "orange b"]),
    ("__*o*__", ["blue", "calm", "wild", "odd"]),
    ("__deep/*__", ["x"]),
    ("{2$$__warm__}", ["red,orange", "orange,red"]),
    ("{2$$__warm__|z}", ["red,z", "orange,z", "z,red", "z,orange"]),
    ("__shade__", ["light red", "light orange", "dark blue"]),
    ("__mood__", ["calm", "wild", "odd"]),
    ("{__cold__|q}", ["blue", "q"]),
    ("an __unknown__ word", ["an __unknown__ word"]),
    ("{a}", ["{a}"]),
    ("{2$$a|a}", ["a,a", "a,a"]),
]


def drawn(text: str, seed: int = 0, wildcards: Wildcards = COLOURS) -> str:
    return expand(text, wildcards, Random(seed))


@pytest.mark.parametrize(("text", "expected"), ALL)
def test_all_combinations_come_in_order(text: str, expected: list[str]) -> None:
    assert list(combinations(text, COLOURS, at_most=1000)) == expected
    assert list(combinations(text, COLOURS, at_most=2)) == expected[:2]


@pytest.mark.parametrize(("text", "expected"), ALL)
def test_chance_draws_each_of_them_and_nothing_else(text: str, expected: list[str]) -> None:
    assert {drawn(text, seed) for seed in range(200)} == set(expected)


def test_the_same_seed_draws_the_same() -> None:
    text = "{a|b|c|d|e|f} {2$$1|2|3|4} {1-3$$__warm__|x|y} __shade__"

    assert [drawn(text, seed) for seed in range(3)] == [
        "f 3,2 x,y light orange",
        "a 3,4 y,red dark blue",
        "f 2,3 x,y,orange light red",
    ]


def test_weights_are_shares() -> None:
    count = Counter(drawn("{3::a|b|0::c}", seed) for seed in range(1000))

    assert count["a"] / count["b"] == pytest.approx(3, rel=0.25)
    assert count["c"] == 0


def test_weights_count_when_several_are_drawn() -> None:
    first = Counter(drawn("{2$$6::a|2::b|c}", seed)[0] for seed in range(1000))

    assert first["a"] / 1000 == pytest.approx(6 / 9, abs=0.05)
    assert first["b"] / 1000 == pytest.approx(2 / 9, abs=0.05)


def test_wildcards_have_weights_too() -> None:
    count = Counter(drawn("__shade__", seed).split()[0] for seed in range(1000))
    assert count["light"] / count["dark"] == pytest.approx(3, rel=0.3)


def test_where_all_weights_are_nothing_any_is_drawn() -> None:
    assert {drawn("{0::a|0::b}", seed) for seed in range(50)} == {"a", "b"}


@given(st.text(alphabet="{}_$:abc \\()[]<>.", max_size=40))
def test_text_without_syntax_comes_back_unchanged(text: str) -> None:
    assert expand(text, Wildcards(), Random(0)) == text


@given(st.text(alphabet="{}|$:_a1.\\ -", max_size=40), st.integers(0, 9))
def test_any_text_can_be_expanded(text: str, seed: int) -> None:
    result = drawn(text, seed)

    assert len(result) <= len(text)
    assert len(list(combinations(text, COLOURS, at_most=5))) in range(1, 6)


@pytest.mark.parametrize(
    "lists",
    [
        {"a": ["x __b__"], "b": ["__a__"]},
        {"a": ["{__a__|__a__}"]},
        {"a": ["{2$$__a__}"]},
    ],
)
def test_wildcards_that_lead_back_to_themselves_are_refused(lists: dict[str, list[str]]) -> None:
    with pytest.raises(PromptSyntaxError, match="__a__") as error:
        drawn("__a__", 0, Wildcards(lists))
    with pytest.raises(PromptSyntaxError, match="deep"):
        list(combinations("__a__", Wildcards(lists), at_most=5))
    assert "back to itself" in error.value.hint


def test_wildcards_that_make_ever_more_are_refused() -> None:
    doubling = Wildcards({f"w{i}": [f"__w{i + 1}__ __w{i + 1}__"] for i in range(40)} | {"w40": ["laugh"]})

    with pytest.raises(PromptSyntaxError, match="more than 65536 letters or 10000 draws"):
        drawn("__w0__", 0, doubling)
    with pytest.raises(PromptSyntaxError, match="more than 65536 letters"):
        list(combinations("__w0__", doubling, at_most=5))


def test_combinations_beyond_counting_are_made_one_by_one() -> None:
    assert len(list(combinations("{a|b|c}" * 200, COLOURS, at_most=50))) == 50
    assert len(list(combinations("{1-$$" + "|".join("abcdefghijkl") + "}", COLOURS, at_most=50))) == 50
