"""AND, against every example of the contract (C1 to C9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.prompt.composition import WeightedPrompt, split_composition


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox AND a hen", [("a fox", 1), (" a hen", 1)]),
        ("a fox :1.2 AND a hen AND a goat :2.2", [("a fox", 1.2), (" a hen", 1), (" a goat", 2.2)]),
        ("(a fox:1.2) AND (a hen:0.5)", [("(a fox:1.2)", 1), (" (a hen:0.5)", 1)]),
        ("a AND b:-1", [("a", 1), (" b", -1)]),
        ("a AND", [("a", 1), ("", 1)]),
        ("AND b", [("", 1), (" b", 1)]),
        ("a AND b:1.5 c", [("a", 1), (" b:1.5 c", 1)]),
        ("a ANDb", [("a ANDb", 1)]),
        ("bAND c", [("bAND c", 1)]),
        ("a and b", [("a and b", 1)]),
        ("a : b AND c", [("a : b", 1), (" c", 1)]),
        ("a:1.5", [("a", 1.5)]),
        ("(a AND b)", [("(a", 1), (" b)", 1)]),
        ("a:.5 AND b:2. AND c:+3", [("a", 0.5), (" b", 2), (" c", 3)]),
        ("a : \t1.5 \n AND b", [("a", 1.5), (" b", 1)]),
        ("a::1.5", [("a:", 1.5)]),
        ("a:1.5:2", [("a:1.5", 2)]),
        (":1.5", [("", 1.5)]),
        ("a:1e3", [("a:1e3", 1)]),
        ("a:.", [("a:.", 1)]),
        ("", [("", 1)]),
        ("a:1000", [("a", 100)]),
        (f"a:-{'9' * 400}", [("a", -100)]),
    ],
)
def test_examples_are_split_as_the_contract_says(text: str, expected: list[tuple[str, float]]) -> None:
    assert [(part.text, part.weight) for part in split_composition(text)] == expected


@given(st.lists(st.text(alphabet="ab ():[]\n", max_size=20), min_size=1, max_size=6))
def test_nothing_but_white_space_at_the_ends_is_lost(texts: list[str]) -> None:
    parts = split_composition(" AND ".join(texts))

    assert [part.text.strip() for part in parts] == [text.strip() for text in texts]
    assert all(part.weight == 1 for part in parts)


@given(st.text(alphabet="abc :", max_size=20), st.decimals(-99, 99, places=2))
def test_a_weight_is_the_number_at_the_end(text: str, weight: object) -> None:
    assert split_composition(f"{text}:{weight}") == [WeightedPrompt(text.rstrip(), float(str(weight)))]
