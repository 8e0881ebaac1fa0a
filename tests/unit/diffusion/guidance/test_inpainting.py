"""Inpainting around a denoiser: what is outside the mask, for both kinds of samplers."""

import math

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.guidance.inpainting import blend_after, blend_before, keep_outside, original_outside
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Denoised

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
GENERATOR = torch.Generator().manual_seed(0)
ORIGINAL = torch.randn(1, 4, 8, 8, generator=GENERATOR)
X = torch.randn(2, 4, 8, 8, generator=GENERATOR)
MASK = torch.zeros(1, 1, 8, 8)
MASK[..., 4:] = 1
ROUNDING = 2e-5  # of ten steps in float32, from latents of up to 40


def toy(x: Tensor, sigma: float) -> Denoised:
    x0 = torch.tanh(x / (1 + sigma))
    return Denoised(x0=x0, unconditional=x0 / 2)


def no_noise(sigma: float, sigma_next: float) -> Tensor:
    return torch.zeros_like(X)


def test_predictions_keep_the_original_outside_the_mask() -> None:
    denoised = keep_outside(MASK, ORIGINAL, toy)(X, 2.0)

    assert torch.equal(denoised.x0[..., :4], ORIGINAL[..., :4].expand(2, -1, -1, -1))
    assert torch.equal(denoised.x0[..., 4:], toy(X, 2.0).x0[..., 4:])
    assert torch.equal(denoised.unconditional, toy(X, 2.0).unconditional)


def test_a_mask_between_mixes() -> None:
    blend = original_outside(torch.full((1, 1, 8, 8), 0.25), ORIGINAL)

    torch.testing.assert_close(blend(X, 1.0), 0.25 * X + 0.75 * ORIGINAL)


def test_each_picture_may_have_a_mask_of_its_own() -> None:
    blend = original_outside(torch.cat([MASK, 1 - MASK]), ORIGINAL)

    assert torch.equal(blend(X, 1.0), torch.cat([torch.where(MASK == 1, X[:1], ORIGINAL),
                                                 torch.where(MASK == 1, ORIGINAL, X[1:])]))  # fmt: skip


@pytest.mark.parametrize("name", ["Euler", "DPM++ 2M", "Euler a"])
def test_a_run_to_zero_ends_on_the_original(name: str) -> None:
    sigmas = [10.0, 3.0, 1.0, 0.0]

    *_, last = SAMPLERS[name](keep_outside(MASK, ORIGINAL, toy), X * 10, sigmas, lambda sigma, sigma_next: X)

    torch.testing.assert_close(last.x[..., :4], ORIGINAL[..., :4].expand(2, -1, -1, -1), atol=1e-6, rtol=0)
    assert (last.x[..., 4:] - ORIGINAL[..., 4:]).abs().max() > 0.1


def test_in_timestep_space_only_the_model_sees_the_original() -> None:
    seen: list[Tensor] = []

    def looking(x: Tensor, sigma: float) -> Denoised:
        seen.append(x / math.hypot(1, sigma))
        return toy(x, sigma)

    keep_outside(MASK, ORIGINAL, looking, timestep_space=True)(X * math.hypot(1, 3.0), 3.0)

    torch.testing.assert_close(seen[0], torch.where(MASK == 1, X, ORIGINAL))


def test_in_timestep_space_steps_follow_the_reference() -> None:
    sigmas = [SD1.sigmas[t] for t in (951, 701, 451, 201, 1)]
    shares = [1 / (1 + sigma**2) for sigma in sigmas]

    x = X
    for i in range(len(sigmas) - 1):  # as the contract has DDIM, in latents of unit variance
        signal, signal_next = shares[i], shares[i + 1]
        blended = x * MASK + ORIGINAL * (1 - MASK)
        spread = blended / signal**0.5
        noise = (spread - toy(spread, sigmas[i]).x0) / sigmas[i]
        x0 = (x - (1 - signal) ** 0.5 * noise) / signal**0.5
        x = signal_next**0.5 * x0 + (1 - signal_next) ** 0.5 * noise

    denoise = keep_outside(MASK, ORIGINAL, toy, timestep_space=True)
    *_, last = SAMPLERS["DDIM"](denoise, X, sigmas, no_noise, eta=0.0)
    torch.testing.assert_close(last.x, x, atol=ROUNDING, rtol=0)


def test_the_unconditional_prediction_stands_for_the_same_noise_found() -> None:
    blend = original_outside(MASK, ORIGINAL)
    sigma = 3.0
    seen = blend(X / math.hypot(1, sigma), sigma) * math.hypot(1, sigma)

    denoised = blend_before(blend, toy)(X, sigma)

    torch.testing.assert_close(X - denoised.unconditional, seen - toy(seen, sigma).unconditional)


def test_a_mask_of_ones_changes_nothing() -> None:
    for wrap in (blend_after, blend_before):
        denoised = wrap(original_outside(torch.ones(1, 1, 8, 8), ORIGINAL), toy)(X, 2.0)
        torch.testing.assert_close(denoised.x0, toy(X, 2.0).x0)
