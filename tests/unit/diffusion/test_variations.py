"""Seeds of a batch, the arc between two noises, and pasting one size onto another."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.diffusion.noise import normals
from mezzotint.diffusion.variations import between, pasted, seeds_of

ROUNDING = 2e-6  # float32, over a few operations on values of about 1
NOISE, OTHER = normals("NV", 1, (4, 8, 6)), normals("NV", 2, (4, 8, 6))


def test_pictures_of_a_run_count_their_seeds() -> None:
    assert seeds_of(10, 90, strength=0, count=3) == ([10, 11, 12], [90, 91, 92])


def test_variations_share_the_seed_and_count_the_subseed() -> None:
    assert seeds_of(10, 90, strength=0.1, count=3) == ([10, 10, 10], [90, 91, 92])


def test_the_ends_of_the_arc_are_the_two_noises() -> None:
    assert torch.equal(between(0.0, NOISE, OTHER), NOISE)
    assert torch.equal(between(1.0, NOISE, OTHER), OTHER)


def test_halfway_between_right_angles_is_their_diagonal() -> None:
    along, across = torch.zeros(1, 2, 1), torch.zeros(1, 2, 1)
    along[0, 0], across[0, 1] = 1, 1

    middle = between(1 / 3, along, across)

    expected = torch.tensor([math.cos(math.pi / 6), math.sin(math.pi / 6)])
    torch.testing.assert_close(middle.flatten(), expected, atol=ROUNDING, rtol=0)


@given(st.floats(0, 1))
def test_columns_of_equal_length_keep_it(strength: float) -> None:
    columns, others = (noise / noise.norm(dim=1, keepdim=True) for noise in (NOISE, OTHER))

    lengths = between(strength, columns, others).norm(dim=1)

    torch.testing.assert_close(lengths, torch.ones(4, 6), atol=1e-5, rtol=0)


def test_nearly_equal_noises_are_mixed_the_wrong_way_round() -> None:
    near = NOISE + 1e-3 * OTHER

    torch.testing.assert_close(between(0.25, NOISE, near), 0.25 * NOISE + 0.75 * near, atol=ROUNDING, rtol=0)


def test_latents_of_one_row_stay_numbers() -> None:
    one_row, other_row = torch.tensor([[[1.0, 2.0, -1.0]]]), torch.tensor([[[0.5, -2.0, -3.0]]])

    mixed = between(0.25, one_row, other_row)

    torch.testing.assert_close(mixed, 0.75 * one_row + 0.25 * other_row)


@pytest.mark.parametrize(
    ("own", "whole", "place", "taken"),
    [
        (4, 8, slice(2, 6), slice(0, 4)),
        (4, 7, slice(1, 5), slice(0, 4)),
        (8, 4, slice(0, 4), slice(2, 6)),
        (11, 8, slice(0, 7), slice(2, 9)),  # an odd surplus: the last cell stays as it was
        (8, 8, slice(0, 8), slice(0, 8)),
    ],
)
def test_sizes_meet_in_the_middle(own: int, whole: int, place: slice, taken: slice) -> None:
    noise, onto = torch.arange(1.0, own + 1).reshape(1, own, 1), torch.zeros(1, whole, 1)

    result = pasted(noise, onto)

    expected = onto.clone()
    expected[0, place] = noise[0, taken]
    assert torch.equal(result, expected)
    assert onto.sum() == 0  # a new value
