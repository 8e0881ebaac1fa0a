"""The syntax of dynamic prompts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.prompt.variants import Item, Template, Variants, Wildcard, parse_variants


def plain(item: Item) -> object:
    """Variants as their choices alone."""
    return [tuple(map(plain, choice)) for choice in item.choices] if isinstance(item, Variants) else item


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a|b}", Variants((("a",), ("b",)), (1, 2))),
        ("{a|}", Variants((("a",), ()), (1, 2))),
        ("{ a b | c }", Variants((("a b ",), ("c ",)), (1, 2))),
        ("{2$$a|b|c}", Variants((("a",), ("b",), ("c",)), (1, 2, 3), 2, 2)),
        ("{ 2 $$a|b}", Variants((("a",), ("b",)), (1, 2), 2, 2)),
        ("{1-3$$a|b}", Variants((("a",), ("b",)), (1, 2), 1, 3)),
        ("{3-1$$a|b}", Variants((("a",), ("b",)), (1, 2), 1, 3)),
        ("{-2$$a|b}", Variants((("a",), ("b",)), (1, 2), 1, 2)),
        ("{1-$$a|b}", Variants((("a",), ("b",)), (1, 2), 1, 10**6)),
        ("{0$$a|b}", Variants((("a",), ("b",)), (1, 2), 0, 0)),
        ("{2$$ and $$a|b}", Variants((("a",), ("b",)), (1, 2), 2, 2, " and ")),
        ("{2$$a|b$$c}", Variants((("a",), ("b", "$$", "c")), (1, 2), 2, 2)),
        ("{2$$a}", Variants((("a",),), (1,), 2, 2)),
        ("{0.5::a|.25::b|c}", Variants((("a",), ("b",), ("c",)), (0.5, 0.75, 1.75))),
        ("{2::a}", Variants((("a",),), (2,))),
        ("{a::b|c}", Variants((("a", "::", "b"), ("c",)), (1, 2))),
        ("{2$$3::a|b}", Variants((("a",), ("b",)), (3, 4), 2, 2)),
        ("__colour__", Wildcard("colour")),
        ("__my_warm-colours/*__", Wildcard("my_warm-colours/*")),
        ("{__a__|b}", Variants(((Wildcard("a"),), ("b",)), (1, 2))),
    ],
)
def test_one_construct_reads_as_documented(text: str, expected: Item) -> None:
    assert parse_variants(text) == (expected,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x {a|{b|c}} y", ["x ", [("a",), ([("b",), ("c",)],)], " y"]),
        ("{{a|b}|{c}}", [[([("a",), ("b",)],), ("{", "c", "}")]]),
        ("{a|b", ["{", "a", "|", "b"]),
        ("{a|{b|c}", ["{", "a", "|", [("b",), ("c",)]]),
        ("__a____b__", [Wildcard("a"), Wildcard("b")]),
    ],
)
def test_constructs_lie_in_text_and_in_each_other(text: str, expected: list[object]) -> None:
    assert [plain(item) for item in parse_variants(text)] == expected


@pytest.mark.parametrize(
    "text",
    ["", "a cat", "{a}", "{prompt}", "{}", "a|b}", "{a", r"\{a|b\}", "{a::b}", "{a$$b}", "{$$b}", "__", "__a_", "____"],
)
def test_what_is_no_syntax_is_text(text: str) -> None:
    template = parse_variants(text)
    assert all(isinstance(item, str) for item in template)
    assert "".join(map(str, template)) == text


def test_variants_nested_deeper_than_any_person_writes_are_text() -> None:
    def nested(depth: int) -> Template:
        return parse_variants("{a|" * depth + "b" + "}" * depth)

    assert isinstance(nested(32)[0], Variants)
    assert isinstance(nested(33)[0], str)
    assert isinstance(nested(20_000)[0], str)


@given(st.text(alphabet="{}|$:_a1.\\ ", max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    assert parse_variants(text) or not text
