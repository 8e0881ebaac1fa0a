"""Guidance with two scales for models that edit a picture as told (Brooks et al. 2023, arXiv:2211.09800, eq. 3)."""

from dataclasses import replace
from itertools import count

import torch

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.denoiser import Denoiser, denoise_each
from mezzotint.diffusion.guidance.lengths import MatchLengths, left_apart
from mezzotint.diffusion.sampling import Denoise, Denoised
from mezzotint.diffusion.timelines import Timeline
from mezzotint.errors import require
from mezzotint.shapes import Latents


def guide_edit(
    denoiser: Denoiser,
    positive: Timeline[Conditioning],
    negative: Timeline[Conditioning],
    scale: float,
    image_scale: float,
    *,
    match_lengths: MatchLengths = left_apart,
    first_call: int = 0,
) -> Denoise:
    """``nothing + scale * (told - shown) + image_scale * (shown - nothing)`` of three predictions.

    Told has the prompt and the picture, shown the negative prompt and the picture, nothing the negative prompt and no
    picture: zeros in its place. The picture comes as ``concat`` of both conditionings. An image scale of 1 is
    plain guidance and takes a call less: use `guide`, whose ``match_lengths`` and ``first_call`` are the same. Raises
    RequestError, in the call, if there is no picture.
    """
    calls = count(first_call)

    def denoise(x: Latents, sigma: float) -> Denoised:
        call = next(calls)
        (prompt,), shown = match_lengths([positive.at(call)], negative.at(call))
        prompts = [prompt, shown, _without_picture(shown)]
        told, shown_x0, nothing = denoise_each(denoiser, x, sigma, prompts)
        x0 = nothing + (told - shown_x0) * scale + (shown_x0 - nothing) * image_scale
        return Denoised(x0=x0, unconditional=nothing)

    return denoise


def _without_picture(conditioning: Conditioning) -> Conditioning:
    picture = conditioning.concat
    require(picture is not None, "this model edits a picture, and there is none")
    return conditioning if picture is None else replace(conditioning, concat=torch.zeros_like(picture))
