"""Timelines: which value is in force at a call or a noise level."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.diffusion.timelines import SigmaTimeline, Span, Timeline, always
from mezzotint.errors import RequestError


def test_a_switch_at_five_lasts_six_calls() -> None:
    cat_then_dog = Timeline(((5, "cat"), (20, "dog")))

    assert [cat_then_dog.at(call) for call in range(20)] == ["cat"] * 6 + ["dog"] * 14


def test_alternation_begins_with_its_first_option_twice() -> None:
    alternating = Timeline(((1, "a"), (2, "b"), (3, "a"), (4, "b")))

    assert [alternating.at(call) for call in range(4)] == ["a", "a", "b", "a"]


def test_after_the_end_the_first_entry_is_used() -> None:
    assert Timeline(((5, "cat"), (20, "dog"))).at(21) == "cat"


def test_an_entry_that_is_already_over_is_never_used_before_the_end() -> None:
    timeline = Timeline(((-1, "before"), (20, "now")))

    assert {timeline.at(call) for call in range(21)} == {"now"}


@given(st.integers(0, 10_000))
def test_always_is_at_every_call(call: int) -> None:
    assert always("x").at(call) == "x"


def test_mapping_keeps_the_calls() -> None:
    assert Timeline(((5, "cat"), (20, "horse"))).map(len).entries == ((5, 3), (20, 5))


def test_a_timeline_of_nothing_is_refused() -> None:
    with pytest.raises(RequestError, match="at least one entry"):
        Timeline[str](())


def test_a_span_holds_its_upper_end_and_not_its_lower_one() -> None:
    timeline = SigmaTimeline((Span(1.0, 5.0, "within"),), otherwise="outside")

    found = {sigma: timeline.at(sigma) for sigma in (0.5, 1.0, 1.001, 5.0, 5.001)}

    assert found == {0.5: "outside", 1.0: "outside", 1.001: "within", 5.0: "within", 5.001: "outside"}


def test_of_overlapping_spans_the_first_counts() -> None:
    timeline = SigmaTimeline((Span(2.0, 4.0, "inner"), Span(1.0, 5.0, "outer")), otherwise="none")

    assert [timeline.at(sigma) for sigma in (1.5, 3.0, 4.5, 6.0)] == ["outer", "inner", "outer", "none"]
