"""Watching for results that are no numbers, which would come out as a black picture without a word."""

import torch
from torch import Tensor

from mezzotint.diffusion.sampling import Denoise, Denoised
from mezzotint.errors import NotNumbers
from mezzotint.shapes import Latents


def watched(denoise: Denoise, stage: str) -> Denoise:
    """``denoise`` that raises NotNumbers, naming the stage, as soon as a prediction holds NaN or infinity."""

    def watching(x: Latents, sigma: float) -> Denoised:
        denoised = denoise(x, sigma)
        require_finite(denoised.x0, stage)
        return denoised

    return watching


def require_finite(values: Tensor, stage: str) -> None:
    """Raise NotNumbers, naming the stage, unless all values are finite. Waits for the device."""
    if not bool(torch.isfinite(values).all()):
        raise NotNumbers(stage)
