"""Where guidance rests."""

import pytest

from mezzotint.diffusion.guidance.skipping import at_the_start, guided_within, near_the_end
from mezzotint.errors import RequestError


def test_near_the_end_every_second_call_is_skipped() -> None:
    rule = near_the_end(1.0)

    assert [rule(call, 0.5) for call in range(4)] == [False, True, False, True]
    assert not any(rule(call, 1.0) for call in range(4))


def test_near_the_end_all_calls_are_skipped_if_wanted() -> None:
    rule = near_the_end(1.0, every_call=True)

    assert [rule(call, 0.5) for call in range(4)] == [True] * 4
    assert not any(rule(call, 1.0) for call in range(4))


@pytest.mark.parametrize("every_call", [False, True])
def test_a_minimum_of_zero_skips_nothing(every_call: bool) -> None:
    assert not any(near_the_end(0.0, every_call=every_call)(call, 0.03) for call in range(4))


@pytest.mark.parametrize(("share", "skipped"), [(0.0, 0), (0.01, 1), (0.2, 3), (0.25, 3), (1.0, 11)])
def test_the_first_share_of_calls_is_skipped_with_the_one_at_its_end(share: float, skipped: int) -> None:
    rule = at_the_start(share, 10)

    assert [rule(call, 5.0) for call in range(12)] == [True] * skipped + [False] * (12 - skipped)


def test_a_run_without_calls_is_refused() -> None:
    with pytest.raises(RequestError, match="at least 1 call, got 0"):
        at_the_start(0.5, 0)


def test_outside_the_interval_there_is_no_guidance() -> None:
    scale = guided_within(0.28, 5.42, 7.0)

    assert [scale.at(sigma) for sigma in (14.6, 5.43, 5.42, 1.0, 0.29, 0.28, 0.03)] == [1, 1, 7, 7, 7, 1, 1]
