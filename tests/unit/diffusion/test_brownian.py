"""One Brownian path per picture: its changes add up, however and in whatever order one asks for them."""

import math
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mezzotint.diffusion.brownian import BrownianTree, brownian_noise
from mezzotint.diffusion.noise import Draw, PictureNoise
from mezzotint.errors import RequestError

SHAPE = (4, 8, 8)
SPAN = (0.029167532920837402, 14.614642143249512)
ROUNDING = 1e-5  # float32 sums of up to fifty pieces
STATISTICS = 0.06  # of the deviation of 1024 values, two and a half standard errors


@settings(max_examples=15)
@given(st.lists(st.floats(*SPAN), min_size=3, max_size=3, unique=True).map(sorted))
def test_changes_add_up(times: list[float]) -> None:
    tree = BrownianTree([3], SHAPE, SPAN)
    low, middle, high = times

    whole = tree.change(low, middle) + tree.change(middle, high)

    torch.testing.assert_close(whole, tree.change(low, high), atol=ROUNDING, rtol=0)


def test_answers_do_not_depend_on_the_questions_before() -> None:
    asked, fresh = BrownianTree([3], SHAPE, SPAN), BrownianTree([3], SHAPE, SPAN)

    for i in range(40):  # more than it remembers
        asked.change(0.1 + i / 10, 9 + i / 10)

    assert torch.equal(asked.change(1.5, 7.25), fresh.change(1.5, 7.25))


def test_each_picture_has_the_path_of_its_own_seed() -> None:
    together = BrownianTree([3, 4, 2**33 + 5], SHAPE, SPAN).change(1.0, 2.0)

    assert torch.equal(together[1:2], BrownianTree([4], SHAPE, SPAN).change(1.0, 2.0))
    assert not torch.equal(together[0], together[1])


@pytest.mark.parametrize(("sigma", "sigma_next"), [SPAN[::-1], (9.0, 8.5), (0.3, 0.1), (0.0303, 0.0302)])
def test_noise_has_unit_variance_at_every_width(sigma: float, sigma_next: float) -> None:
    noise = brownian_noise([1, 2, 3, 4], SHAPE, SPAN)(sigma, sigma_next)

    assert noise.std().item() == pytest.approx(1, abs=STATISTICS)
    assert noise.mean().item() == pytest.approx(0, abs=2.5 / math.sqrt(noise.numel()))


def test_noise_of_steps_that_do_not_touch_is_unrelated() -> None:
    noise = brownian_noise([1, 2, 3, 4], SHAPE, SPAN)

    correlation = torch.corrcoef(torch.stack([noise(9.0, 5.0).flatten(), noise(5.0, 1.0).flatten()]))[0, 1]

    assert abs(correlation.item()) < 2.5 / math.sqrt(1024)


def test_half_a_step_shares_its_noise_with_the_whole() -> None:
    noise = brownian_noise([1, 2, 3, 4], SHAPE, SPAN)

    correlation = torch.corrcoef(torch.stack([noise(9.0, 5.0).flatten(), noise(9.0, 1.0).flatten()]))[0, 1]

    assert correlation.item() == pytest.approx(math.sqrt(0.5), abs=STATISTICS)


def test_going_up_is_the_opposite_of_going_down() -> None:
    noise = brownian_noise([1], SHAPE, SPAN)
    assert torch.equal(noise(3.0, 5.0), -noise(5.0, 3.0))


def test_levels_outside_the_span_are_moved_to_its_ends() -> None:
    tree = BrownianTree([1], SHAPE, SPAN)

    assert torch.equal(tree.change(0.0, 99.0), tree.change(*SPAN))
    assert not tree.change(15.0, 20.0).any()


def test_normals_come_from_the_source_that_is_given() -> None:
    made: list[tuple[int, ...]] = []

    def source(seeds: Sequence[int]) -> Draw:
        made.append(tuple(seeds))
        return PictureNoise(seeds)

    brownian_noise([1, 2], SHAPE, SPAN, source=source)(8.0, 7.0)

    assert len(made) > 2
    assert all(len(seeds) == 2 and seeds[0] != seeds[1] for seeds in made)


def test_a_span_upside_down_is_refused() -> None:
    with pytest.raises(RequestError, match="must rise"):
        BrownianTree([1], SHAPE, SPAN[::-1])
