"""Prompts read whole: the stages in their order."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mezzotint.errors import RequestError
from mezzotint.prompt.attention import parse_attention
from mezzotint.prompt.chunks import chunk
from mezzotint.prompt.comments import strip_comments
from mezzotint.prompt.expansion import expand
from mezzotint.prompt.networks import NetworkTag
from mezzotint.prompt.reading import Part, ReadPrompt, read_negative, read_prompt
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.prompt.wildcards import Wildcards

TOKENIZER = CLIPTokenizer()
WORDS = {"A": " AND ", "B": "BREAK", "W": ":1.2)", "S": ":0.5]", "N": "<lora:x:1>", "C": "[a|b]", "E": "[a:b:3]"}
ANYTHING = st.text(alphabet="[[]](())::||<>\\{}#$_ \n.5-abé\0\u202e\u05d0\U0001f98a\ud800ABWSNCE", max_size=50).map(
    lambda text: "".join(WORDS.get(letter, letter) for letter in text)
)


def test_tags_go_before_parts_and_parts_before_schedules() -> None:
    read = read_prompt("a [fox:hen:2]<lora:x:0.5> :1.5 AND [a|b]", steps=3)

    assert read == ReadPrompt(
        parts=(Part(1.5, ((2, "a fox"), (3, "a hen"))), Part(1.0, ((1, " a"), (2, " b"), (3, " a")))),
        networks=(NetworkTag("lora", "x", ("0.5",)),),
    )
    assert read.texts == ("a fox", "a hen", " a", " b")


def test_a_switch_between_networks_switches_nothing() -> None:
    read = read_prompt("[<lora:x:1>:<lora:y:1>:5]", steps=10)

    assert read.parts == (Part(1.0, ((5, ""), (10, ""))),)
    assert [tag.name for tag in read.networks] == ["x", "y"]


def test_a_negative_prompt_keeps_and_and_tags_as_text() -> None:
    read = read_negative("a AND b:2 <lora:x:1>, [c:d:3]", steps=5)
    assert read == ReadPrompt((Part(1.0, ((3, "a AND b:2 <lora:x:1>, c"), (5, "a AND b:2 <lora:x:1>, d"))),))


def test_switches_count_calls_of_the_model() -> None:
    assert read_prompt("[a:b:5]", steps=20, second_order=True).parts[0].entries == ((5, "a"), (40, "b"))
    assert read_prompt("[a:b:.5]", steps=20, second_order=True).parts[0].entries == ((20, "a"), (40, "b"))


def test_a_second_pass_may_have_another_sampler() -> None:
    def second(order: bool, hires_order: bool | None) -> object:
        read = read_prompt("[a:b:25]", steps=10, hires_steps=10, second_order=order, hires_second_order=hires_order)
        return read.parts[0].entries

    assert second(True, None) == ((5, "a"), (20, "b"))
    assert second(False, True) == ((15, "a"), (20, "b"))
    assert second(True, False) == ((5, "a"), (10, "b"))


def test_the_old_rule_is_handed_on() -> None:
    read = read_negative("[a:b:1.0]", steps=20, hires_steps=10, old_scheduling=True)
    assert read.parts[0].entries == ((1, "a"), (20, "b"))


def test_no_steps_are_refused() -> None:
    with pytest.raises(RequestError, match="at least 1"):
        read_prompt("cat", steps=0)


@pytest.mark.parametrize(
    "text", ["py:print(1)", "${jndi:ldap://x}", "{{7*7}}", "%s%n%x", "{0.__class__}", "$(reboot)", "`id`", "\0\x1b[2J"]
)
def test_what_is_code_elsewhere_is_text_here(text: str) -> None:
    assert read_prompt(text, steps=10).texts == (text,)


def read_any(text: str) -> None:
    for read in (read_prompt(text, steps=7), read_negative(text, steps=7, hires_steps=3, second_order=True)):
        assert read.parts
        assert all(part.entries[-1][0] in (6, 7) for part in read.parts)
        assert all(-100 <= part.weight <= 100 for part in read.parts)


def read_to_the_end(text: str) -> None:
    """Through every stage that comes before the text encoder."""
    text = expand(strip_comments(text), Wildcards(), Random(0))
    read_any(text)
    for each in read_prompt(text, steps=7).texts:
        chunks = chunk(parse_attention(each), TOKENIZER)
        assert all(-100 <= weight <= 100 for one in chunks for weight in one.weights)


@given(ANYTHING)
@settings(max_examples=2000)
def test_any_prompt_can_be_read(text: str) -> None:
    read_any(text)


@given(ANYTHING)
@settings(max_examples=200)
def test_any_prompt_becomes_tokens(text: str) -> None:
    read_to_the_end(text)


@pytest.mark.slow
@given(ANYTHING)
@settings(max_examples=10_000)
def test_any_of_ten_thousand_prompts_becomes_tokens(text: str) -> None:
    read_to_the_end(text)
