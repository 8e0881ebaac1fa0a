"""Classifier-free guidance: its formula, and which network calls it makes."""

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.guidance.cfg import guide

POSITIVE, NEGATIVE = (Conditioning(torch.full((1, 77, 16), value)) for value in (3.0, 1.0))
LONGER = Conditioning(torch.full((1, 154, 16), 1.0))


class Echo:
    """A denoiser whose answer is the context's first value; remembers how many rows each call had."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(self, x: Tensor, sigma: float, conditioning: Conditioning) -> Tensor:
        self.calls.append(len(x))
        first = conditioning.rows(len(x)).context[:, 0, 0]
        return torch.zeros_like(x) + first[:, None, None, None]


def test_guidance_goes_from_the_negative_through_the_positive() -> None:
    denoised = guide(Echo(), POSITIVE, NEGATIVE, 7.5)(torch.zeros(1, 4, 8, 8), 1.0)

    assert denoised.x0.unique().tolist() == [1.0 + 7.5 * (3.0 - 1.0)]
    assert denoised.unconditional.unique().tolist() == [1.0]


@pytest.mark.parametrize(("negative", "scale"), [(NEGATIVE, 1.0), (None, 7.5)])
def test_a_scale_of_one_needs_no_negative_call(negative: Conditioning | None, scale: float) -> None:
    echo = Echo()

    denoised = guide(echo, POSITIVE, negative, scale)(torch.zeros(1, 4, 8, 8), 1.0)

    assert echo.calls == [1]
    assert denoised.x0.unique().tolist() == denoised.unconditional.unique().tolist() == [3.0]


def test_a_scale_of_zero_is_the_negative_prompt() -> None:
    assert guide(Echo(), POSITIVE, NEGATIVE, 0.0)(torch.zeros(1, 4, 8, 8), 1.0).x0.unique().tolist() == [1.0]


def test_on_a_cpu_each_prompt_has_its_own_call() -> None:
    echo = Echo()
    guide(echo, POSITIVE, NEGATIVE, 7.0)(torch.zeros(3, 4, 8, 8), 1.0)
    assert echo.calls == [3, 3]


def test_elsewhere_both_share_one_call() -> None:
    echo = Echo()
    positive, negative = (Conditioning(torch.zeros(1, 77, 16, device="meta")) for _ in range(2))

    denoised = guide(echo, positive, negative, 7.0)(torch.zeros(3, 4, 8, 8, device="meta"), 1.0)

    assert echo.calls == [6]
    assert denoised.x0.shape == denoised.unconditional.shape == (3, 4, 8, 8)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_prompts_of_different_length_run_apart(device: str) -> None:
    echo = Echo()
    positive, negative = (Conditioning(cond.context.to(device)) for cond in (POSITIVE, LONGER))
    guide(echo, positive, negative, 7.0)(torch.zeros(2, 4, 8, 8, device=device), 1.0)
    assert echo.calls == [2, 2]
