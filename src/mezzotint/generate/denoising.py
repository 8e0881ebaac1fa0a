"""From a pass and its words to the one function that a sampler calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mezzotint.contract.requests import GenerationRequest
from mezzotint.diffusion.denoiser import denoiser
from mezzotint.diffusion.finite import watched
from mezzotint.diffusion.guidance.cfg import guide
from mezzotint.diffusion.guidance.inpainting import Blend, blend_after, blend_before
from mezzotint.diffusion.guidance.instruct import guide_edit
from mezzotint.diffusion.guidance.lengths import MatchLengths, left_apart, padded_with, stretched
from mezzotint.diffusion.guidance.refiner import after_calls, after_timesteps, switch_denoise
from mezzotint.diffusion.guidance.skipping import SkipRule, at_the_start, guided_within, near_the_end
from mezzotint.diffusion.sampling import Denoise
from mezzotint.errors import require
from mezzotint.families.family import Model
from mezzotint.generate.conditioning import Told
from mezzotint.generate.passes import Pass, sigma_interval
from mezzotint.shapes import Context

IMAGE_CFG = 1.5
"""Image guidance of models that edit pictures, where the request leaves it open."""


@dataclass(frozen=True, eq=False)
class Guided:
    """One model with what it is told in a pass; ``empty`` is the empty prompt's encoding."""

    model: Model
    told: Told
    empty: Context


def denoise_for(
    request: GenerationRequest,
    step: Pass,
    base: Guided,
    *,
    refiner: Callable[[], Guided] | None = None,
    blend: Blend | None = None,
) -> Denoise:
    """The guided predictions of a pass: with the refiner's where it takes over, and ``blend`` kept outside a mask.

    ``refiner`` is asked, once, when it is needed. Raises RequestError for what this model cannot do.
    """

    def guided(part: Guided, first_call: int = 0) -> Denoise:
        return watched(_guided(request, step, part, first_call), f"{part.model.source.name}: the network's predictions")

    denoise = guided(base)
    if refiner is not None and request.refiner is not None:
        ask = refiner
        share = request.refiner.switch_at
        if request.refiner.by_steps:
            when = after_calls(step.sampler.total_steps(step.start.steps), share)
        else:
            when = after_timesteps(step.process, share, timestep_space=step.sampler.timestep_space)
        denoise = switch_denoise(denoise, lambda calls: guided(ask(), calls), when)
    denoise = step.sampler.adapted(denoise, step.process)
    if blend is not None:
        denoise = (blend_before if step.sampler.timestep_space else blend_after)(blend, denoise)
    return denoise


def _guided(request: GenerationRequest, step: Pass, part: Guided, first_call: int) -> Denoise:
    network = denoiser(part.model.network, step.process, dtype=part.model.dtype)
    told, scale = part.told, step.scale * step.sampler.cfg_factor
    image_scale = IMAGE_CFG if request.image_cfg_scale is None else request.image_cfg_scale
    if part.model.family.extra_input == "instruct" and image_scale != 1:
        require(len(told.positive) == 1, "a model that edits pictures takes one prompt, without AND")
        return guide_edit(
            network,
            told.positive[0].prompt,
            told.negative,
            scale,
            image_scale,
            match_lengths=_match_lengths(request, part.empty),
            first_call=first_call,
        )
    interval = sigma_interval(step.process, request.guidance_interval)
    return guide(
        network,
        told.positive,
        told.negative,
        scale if interval is None else guided_within(*interval, scale),
        skip_negative=_skip_rules(request, step),
        match_lengths=_match_lengths(request, part.empty),
        rescale=request.cfg_rescale,
        always_negative=step.sampler.uses_unconditional,
        first_call=first_call,
    )


def _skip_rules(request: GenerationRequest, step: Pass) -> Sequence[SkipRule]:
    rules = list[SkipRule]()
    if request.s_min_uncond > 0:
        rules.append(near_the_end(request.s_min_uncond, every_call=request.s_min_uncond_all))
    if request.skip_early_cond > 0:
        rules.append(at_the_start(request.skip_early_cond, step.sampler.total_steps(step.steps)))
    return rules


def _match_lengths(request: GenerationRequest, empty: Context) -> MatchLengths:
    """The old way wins where both are asked for, as in A1111."""
    if request.old_ways.pad_conds_v0:
        return stretched
    return padded_with(empty) if request.pad_conds else left_apart
