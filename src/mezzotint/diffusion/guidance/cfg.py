"""Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598): away from one prompt, towards others.

Several prompts at once are composed as conjunctions (Liu et al. 2022, arXiv:2206.01714).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.denoiser import Denoiser, denoise_each
from mezzotint.diffusion.guidance.lengths import MatchLengths, equalised, left_apart
from mezzotint.diffusion.guidance.rescaling import rescaled
from mezzotint.diffusion.guidance.skipping import SkipRule
from mezzotint.diffusion.sampling import Denoise, Denoised
from mezzotint.diffusion.timelines import SigmaTimeline, Timeline, always
from mezzotint.errors import require
from mezzotint.shapes import Latents


@dataclass(frozen=True, eq=False)
class Weighted:
    """One of the prompts that are joined by AND, and how much it counts."""

    prompt: Timeline[Conditioning]
    weight: float = 1.0


def guide(
    denoiser: Denoiser,
    positive: Conditioning | Sequence[Weighted],
    negative: Conditioning | Timeline[Conditioning] | None,
    scale: float | SigmaTimeline[float],
    *,
    skip_negative: Sequence[SkipRule] = (),
    match_lengths: MatchLengths = left_apart,
    rescale: float = 0.0,
    always_negative: bool = False,
    first_call: int = 0,
) -> Denoise:
    """``negative + scale * sum(weight * (positive - negative))`` of the predictions.

    Where the negative one cancels out, at a scale of 1, it is not computed, unless ``always_negative`` because a
    sampler looks at it. Nor is it without a negative prompt or where one of the rules in ``skip_negative`` says so:
    then the first positive prediction stands in for it, at a scale of 1.

    ``match_lengths`` decides on prompts of different length, also where the negative one is not computed: a positive
    one that it makes longer is another text to the network. ``rescale`` (0..1) takes back the contrast that guidance
    adds. ``first_call`` is the number of the first call in the timelines. Raises RequestError for no positive prompt.
    """
    parts = [Weighted(always(positive))] if isinstance(positive, Conditioning) else list(positive)
    require(len(parts) > 0, "guidance needs a positive prompt")
    against = always(negative) if isinstance(negative, Conditioning) else negative
    weights = [part.weight for part in parts]
    calls = count(first_call)

    def denoise(x: Latents, sigma: float) -> Denoised:
        call = next(calls)
        strength = scale.at(sigma) if isinstance(scale, SigmaTimeline) else scale
        prompts = equalised([part.prompt.at(call) for part in parts])
        if against is not None:
            prompts, away = match_lengths(prompts, against.at(call))
            prompts = [*prompts, away]
        is_skipped = against is None or any(rule(call, sigma) for rule in skip_negative)
        cancels_out = strength * sum(weights) == 1 and not always_negative
        if is_skipped or cancels_out:
            predictions = denoise_each(denoiser, x, sigma, prompts[: len(parts)])
            base, strength = predictions[0], 1.0 if is_skipped else strength
        else:
            *predictions, base = denoise_each(denoiser, x, sigma, prompts)
        x0 = base
        for prediction, weight in zip(predictions, weights, strict=True):
            x0 = x0 + (prediction - base) * (weight * strength)
        return Denoised(x0=rescaled(x0, predictions[0], amount=rescale), unconditional=base)

    return denoise
