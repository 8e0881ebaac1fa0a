"""Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598): away from one prompt, towards another."""

import torch

from mezzotint.diffusion.conditioning import Conditioning, stack
from mezzotint.diffusion.denoiser import Denoiser
from mezzotint.diffusion.sampling import Denoise, Denoised
from mezzotint.shapes import Latents


def guide(denoiser: Denoiser, positive: Conditioning, negative: Conditioning | None, scale: float) -> Denoise:
    """``negative + scale * (positive - negative)`` of the two predictions.

    A scale of 1 leaves the positive one as it is, so the other is not computed, and stands in for it.
    """

    def alone(x: Latents, sigma: float) -> Denoised:
        x0 = denoiser(x, sigma, positive)
        return Denoised(x0=x0, unconditional=x0)

    if negative is None or scale == 1:
        return alone
    against = negative  # no longer None, also inside the closure

    def both(x: Latents, sigma: float) -> Denoised:
        # One call for both saves time on an accelerator. On a CPU it saves none, and there a result must not depend on
        # what else is in the batch, which matrix products of another size would let it do in the last bits.
        if x.device.type != "cpu" and positive.fits(against):
            together = stack(positive.rows(len(x)), against.rows(len(x)))
            towards, away = denoiser(torch.cat([x, x]), sigma, together).chunk(2)
        else:
            towards, away = denoiser(x, sigma, positive), denoiser(x, sigma, against)
        return Denoised(x0=away + (towards - away) * scale, unconditional=away)

    return both
