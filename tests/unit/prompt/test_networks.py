"""Tags of extra networks, against every example of the contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.errors import PromptSyntaxError
from mezzotint.prompt.networks import NetworkTag, Strengths, multiplier, strengths, take_networks


@pytest.mark.parametrize(
    ("text", "stripped", "networks"),
    [
        ("a <lora:x:0.8> b", "a  b", [("lora", "x", Strengths(0.8, 0.8))]),
        ("<lora:x>", "", [("lora", "x", Strengths(1, 1))]),
        ("<lora:x:0.5:0>", "", [("lora", "x", Strengths(0.5, 0))]),
        ("<lora:x:unet=0.7>", "", [("lora", "x", Strengths(1, 0.7))]),
        ("<lora:x:0.5:te=1>", "", [("lora", "x", Strengths(1, 1))]),
        ("<lora:x:1:1:4>", "", [("lora", "x", Strengths(1, 1, 4))]),
        ("<lora:x:1:dyn=4>", "", [("lora", "x", Strengths(1, 1, 4))]),
        ("<lora:a b:1>", "", [("lora", "a b", Strengths(1, 1))]),
        ("<lora:a:1><lora:b:-0.5>", "", [("lora", "a", Strengths(1, 1)), ("lora", "b", Strengths(-0.5, -0.5))]),
        ("<lyco:x:0.8>", "", [("lyco", "x", Strengths(0.8, 0.8))]),
        ("(a <lora:x:0.8>:1.2)", "(a :1.2)", [("lora", "x", Strengths(0.8, 0.8))]),
        ("[<lora:x:1>:<lora:y:1>:5]", "[::5]", [("lora", "x", Strengths()), ("lora", "y", Strengths())]),
        ("<foo:bar>", "", [("foo", "bar", Strengths())]),  # of no use to anyone, so it is left aside later
        ("<lora:x", "<lora:x", []),
        ("<lo ra:x>", "<lo ra:x>", []),
        ("<lora:>", "<lora:>", []),
        ("a < b > c", "a < b > c", []),
        ("<lora:x> <lora:y", " <lora:y", [("lora", "x", Strengths())]),
        ("<lora:x <lora:y:2>", "", [("lora", "x <lora", None)]),
    ],
)
def test_examples_are_taken_out_as_the_contract_says(
    text: str, stripped: str, networks: list[tuple[str, str, Strengths | None]]
) -> None:
    left, tags = take_networks(text)

    assert left == stripped
    assert [(tag.kind, tag.name) for tag in tags] == [network[:2] for network in networks]
    for tag, (_, _, expected) in zip(tags, networks, strict=True):
        assert expected is None or strengths(tag) == expected


def test_arguments_are_named_or_in_their_places() -> None:
    (tag,) = take_networks("<some:a name:1:k=v:2:a=b=c>")[1]
    assert tag == NetworkTag("some", "a name", ("1", "2", "a=b=c"), {"k": "v"})


def test_a_tag_may_be_without_a_name() -> None:
    assert take_networks("<lora:te=1>")[1] == (NetworkTag("lora", "", (), {"te": "1"}),)


@pytest.mark.parametrize(("text", "expected"), [("<hypernet:x>", 1), ("<hypernet:x:0.7>", 0.7)])
def test_a_hypernetwork_has_one_multiplier(text: str, expected: float) -> None:
    (tag,) = take_networks(text)[1]
    assert multiplier(tag) == expected


@pytest.mark.parametrize("given", ["strong", "", "nan", "inf", "1.0.0"])
def test_an_argument_that_is_no_number_is_named(given: str) -> None:
    with pytest.raises(PromptSyntaxError, match="te of <lora:x> must be a number") as error:
        strengths(NetworkTag("lora", "x", (given,)))
    assert error.value.hint == "write <lora:x:1>"


def test_no_rank_at_all_is_refused() -> None:
    with pytest.raises(PromptSyntaxError, match="at least 1, got 0"):
        strengths(NetworkTag("lora", "x", (), {"dyn": "0"}))


@given(st.text(alphabet="<>lora:x=1 ", max_size=40))
def test_any_text_can_be_searched_for_tags(text: str) -> None:
    left, tags = take_networks(text)

    assert len(left) <= len(text)
    assert (left == text) == (not tags)
