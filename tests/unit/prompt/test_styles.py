"""Styles merged into prompts, against the examples of the contract, and found again in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.prompt.styles import Style, find_styles, merge, merge_styles, unmerge

PHOTO = Style("photo", "photo of {prompt}, 50mm", "worst quality, {prompt}")
MASTER = Style("master", "masterpiece")
STYLES = {style.name: style for style in (PHOTO, MASTER)}
TEXTS = st.text(alphabet="ab ,{}\n", max_size=12)


@pytest.mark.parametrize(
    ("style", "prompt", "expected"),
    [
        ("photo of {prompt}, 50mm", "a cat", "photo of a cat, 50mm"),
        ("masterpiece", "a cat", "a cat, masterpiece"),
        ("masterpiece", "", "masterpiece"),
        ("worst quality, {prompt}", "bad", "worst quality, bad"),
        ("", " a cat ", "a cat"),
        (" ink ", " a cat ", "a cat, ink"),
        ("{prompt} and {prompt}", "a cat", "a cat and a cat"),
        ("{prompt}", "{prompt}", "{prompt}"),
        ("{Prompt}", "a cat", "a cat, {Prompt}"),
    ],
)
def test_a_style_goes_around_or_behind(style: str, prompt: str, expected: str) -> None:
    assert merge(style, prompt) == expected


def test_styles_are_merged_in_their_order() -> None:
    assert merge_styles("a cat", "bad", ["photo", "master"], STYLES) == (
        "photo of a cat, 50mm, masterpiece",
        "worst quality, bad",
    )


def test_an_unknown_style_changes_nothing() -> None:
    assert merge_styles(" a cat", "bad", ["ink"], STYLES) == (" a cat", "bad")


def test_styles_are_found_again() -> None:
    merged = merge_styles("a cat", "bad", ["photo", "master"], STYLES)
    assert find_styles(*merged, STYLES.values()) == ("a cat", "bad", ("photo", "master"))


def test_a_style_is_found_only_where_both_its_texts_are() -> None:
    prompt, negative = "photo of a cat, 50mm", "bad"
    assert find_styles(prompt, negative, STYLES.values()) == (prompt, negative, ())


def test_a_style_that_holds_nothing_is_never_found() -> None:
    assert find_styles("a cat", "", [Style("none", " ")]) == ("a cat", "", ())


@pytest.mark.parametrize(
    ("style", "prompt", "expected"),
    [
        ("masterpiece", "a cat, masterpiece", "a cat"),
        ("masterpiece", "masterpiece", ""),
        ("masterpiece", "a cat masterpiece", None),
        ("piece", "masterpiece", None),
        ("", "a cat", "a cat"),
        ("photo of {prompt}, 50mm", "photo of , 50mm", ""),
        ("photo of {prompt}, 50mm", "photo of 50mm", None),
        ("{prompt} and {prompt}", "a cat and a dog", None),
        ("{prompt} and {prompt}", "a cat and a cat", "a cat"),
    ],
)
def test_a_style_is_taken_off_where_it_was_put(style: str, prompt: str, expected: str | None) -> None:
    assert unmerge(style, prompt) == expected


@given(TEXTS | TEXTS.map("{{prompt}}".format) | TEXTS.map(lambda text: f"{text}{{prompt}}{text}"), TEXTS)
def test_taking_off_undoes_merging(style: str, prompt: str) -> None:
    merged = merge(style, prompt)

    without = unmerge(style, merged)

    assert without is not None
    assert merge(style, without) == merged
