"""Soft inpainting's blend: its ends, its lengths, and how it lets go as the noise falls."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.diffusion.guidance.inpainting import blend_after
from mezzotint.diffusion.guidance.soft_inpainting import soft_outside
from mezzotint.diffusion.sampling import Denoised

GENERATOR = torch.Generator().manual_seed(0)
ORIGINAL, LATENTS = torch.randn(2, 1, 4, 8, 8, generator=GENERATOR)
ROUNDING = 2e-6
HALF = torch.full((1, 1, 8, 8), 0.5)


def lengths(latents: torch.Tensor) -> torch.Tensor:
    return latents.norm(dim=1, keepdim=True)


def test_a_mask_of_zeros_keeps_and_one_of_ones_repaints() -> None:
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 4:] = 1

    blended = soft_outside(mask, ORIGINAL)(LATENTS, 2.0)

    expected = torch.where(mask == 1, LATENTS, ORIGINAL)
    torch.testing.assert_close(blended, expected, atol=ROUNDING, rtol=0)


@given(st.floats(0.05, 15), st.floats(0, 4), st.floats(0, 4), st.floats(1, 8))
def test_lengths_are_a_power_mean(sigma: float, bias: float, preservation: float, boost: float) -> None:
    blend = soft_outside(HALF, ORIGINAL, schedule_bias=bias, preservation=preservation, contrast_boost=boost)

    share = 0.5 ** (preservation * sigma**bias)
    mean = ((1 - share) * lengths(ORIGINAL) ** boost + share * lengths(LATENTS) ** boost) ** (1 / boost)
    torch.testing.assert_close(lengths(blend(LATENTS, sigma)), mean, atol=1e-4, rtol=1e-4)  # of a sum that may cancel


def test_directions_are_those_of_the_straight_mix() -> None:
    blended = soft_outside(HALF, ORIGINAL, preservation=0.5)(LATENTS, 2.0)

    mixed = 0.5 * ORIGINAL + 0.5 * LATENTS  # 0.5 ** (0.5 * 2)
    torch.testing.assert_close(blended / lengths(blended), mixed / lengths(mixed), atol=ROUNDING, rtol=0)


def test_a_worked_example() -> None:
    original, latents = torch.tensor([3.0, 0.0]), torch.tensor([0.0, 4.0])

    blend = soft_outside(HALF[..., :1, :1], original.reshape(1, 2, 1, 1), preservation=1.0, contrast_boost=2.0)
    blended = blend(latents.reshape(1, 2, 1, 1), 1.0).flatten()

    expected = torch.tensor([0.6, 0.8]) * 12.5**0.5  # along (1.5, 2), as long as sqrt((9 + 16) / 2)
    torch.testing.assert_close(blended, expected)


def test_it_lets_go_as_the_noise_falls() -> None:
    blend = soft_outside(HALF, ORIGINAL)

    distances = [(blend(LATENTS, sigma) - LATENTS).norm().item() for sigma in (14.6, 5.0, 1.0, 0.1, 0.03)]

    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 0.05 * distances[0]


def test_no_preservation_repaints_everything() -> None:
    blended = soft_outside(torch.zeros(1, 1, 8, 8), ORIGINAL, preservation=0.0)(LATENTS, 2.0)

    torch.testing.assert_close(blended, LATENTS, atol=ROUNDING, rtol=0)


def test_opposite_latents_have_no_direction_and_stay_numbers() -> None:
    blended = soft_outside(HALF, ORIGINAL, preservation=1.0)(-ORIGINAL, 1.0)

    assert torch.isfinite(blended).all()


@pytest.mark.parametrize("sigma", [0.5, 3.0])
def test_it_blends_around_a_denoiser(sigma: float) -> None:
    blend = soft_outside(HALF, ORIGINAL)
    denoised = Denoised(x0=LATENTS, unconditional=LATENTS)

    blended = blend_after(blend, lambda x, sigma: denoised)(LATENTS, sigma)

    assert torch.equal(blended.x0, blend(LATENTS, sigma))
