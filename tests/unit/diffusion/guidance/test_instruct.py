"""Guidance by a picture and a prompt: its formula, and what each of the three predictions is told."""

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.guidance.cfg import guide
from mezzotint.diffusion.guidance.instruct import guide_edit
from mezzotint.diffusion.guidance.lengths import left_apart, padded_with, stretched
from mezzotint.diffusion.timelines import Timeline, always
from mezzotint.errors import RequestError

PICTURE = torch.full((1, 4, 8, 8), 10.0)
X = torch.zeros(2, 4, 8, 8)


def told(text: float) -> Conditioning:
    return Conditioning(torch.full((1, 77, 16), text), concat=PICTURE)


def echo(x: Tensor, sigma: float, conditioning: Conditioning) -> Tensor:
    """Text and a hundredth of the squared picture, so that no two predictions are alike."""
    cond = conditioning.rows(len(x))
    assert cond.concat is not None
    return torch.zeros_like(x) + cond.context[:, :1, :1, None] + cond.concat.square() / 100


def test_two_scales_lead_from_nothing_by_the_picture_to_the_prompt() -> None:
    denoised = guide_edit(echo, always(told(3.0)), always(told(2.0)), 7.5, 1.5)(X, 1.0)

    both, picture, nothing = 3.0 + 1.0, 2.0 + 1.0, 2.0
    assert denoised.x0.unique().tolist() == [nothing + 7.5 * (both - picture) + 1.5 * (picture - nothing)]
    assert denoised.unconditional.unique().tolist() == [nothing]


def test_an_image_scale_of_one_is_plain_guidance() -> None:
    edited = guide_edit(echo, always(told(3.0)), always(told(2.0)), 7.5, 1.0)(X, 1.0)

    torch.testing.assert_close(edited.x0, guide(echo, told(3.0), told(2.0), 7.5)(X, 1.0).x0)


def test_prompts_change_by_call() -> None:
    positive = Timeline(((0, told(3.0)), (9, told(5.0))))
    denoise = guide_edit(echo, positive, always(told(2.0)), 1.0, 1.0)

    assert [denoise(X, 1.0).x0.unique().tolist() for _ in range(3)] == [[4.0], [6.0], [6.0]]


def test_lengths_may_be_matched() -> None:
    tokens = list[int]()

    def counting(x: Tensor, sigma: float, conditioning: Conditioning) -> Tensor:
        tokens.append(conditioning.context.shape[1])
        return echo(x, sigma, conditioning)

    longer = Conditioning(torch.full((1, 154, 16), 2.0), concat=PICTURE)
    for match in (left_apart, padded_with(torch.zeros(1, 77, 16)), stretched):
        guide_edit(counting, always(told(3.0)), always(longer), 7.5, 1.5, match_lengths=match)(X, 1.0)

    assert tokens == [77, 154, 154, 154, 154, 154, 77, 77, 77]


def test_a_run_without_a_picture_is_refused() -> None:
    blind = always(Conditioning(torch.zeros(1, 77, 16)))

    with pytest.raises(RequestError, match="edits a picture"):
        guide_edit(echo, blind, blind, 7.5, 1.5)(X, 1.0)
