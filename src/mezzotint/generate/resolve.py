"""A request without blanks: seed drawn, names looked up, the family's defaults filled in, all before any loading."""

import secrets
from dataclasses import dataclass
from typing import TypeVar

from mezzotint.contract.requests import SEED_MAX, GenerationRequest
from mezzotint.diffusion.naming import effective_schedule, sampler_and_schedule
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.engine.catalog import Catalog
from mezzotint.engine.loading import family_of
from mezzotint.errors import require
from mezzotint.families.family import Family

T = TypeVar("T")

_SEEDS = 2**32 - 2  # how many a drawn seed is one of: A1111's range


@dataclass(frozen=True)
class Resolved:
    """The request without blanks, and what the person should know about how they were filled."""

    request: GenerationRequest
    warnings: tuple[str, ...] = ()


def resolve(request: GenerationRequest, catalog: Catalog) -> Resolved:
    """Raises UnknownName for a model, sampler or schedule that is in no list, RequestError for what cannot be done."""
    entry = catalog.find(request.model)
    family = family_of(entry.path)
    _require_possible(request, family)
    sampler, schedule = _sampler_and_schedule(request, family)
    seed = secrets.randbelow(_SEEDS) if request.seed < 0 else request.seed
    require(seed + request.count - 1 <= SEED_MAX, f"seed {seed} leaves no room for {request.count} pictures")
    wants_eta = request.eta is None or SAMPLERS[sampler].uses_eta
    filled = request.model_copy(
        update={
            "model": entry.ref,
            "seed": seed,
            "steps": _or(request.steps, family.default_steps),
            "sampler": sampler,
            "scheduler": schedule,
            "cfg_scale": _or(request.cfg_scale, family.default_cfg),
            "width": _or(request.width, family.native_px),
            "height": _or(request.height, family.native_px),
            "eta": request.eta if wants_eta else None,
        }
    )
    return Resolved(filled, () if wants_eta else (f"{sampler} draws no noise, so eta is left aside",))


def _or(given: T | None, default: T) -> T:
    return default if given is None else given


def _sampler_and_schedule(request: GenerationRequest, family: Family) -> tuple[str, str]:
    """Registered names. The family's schedule goes with the family's sampler only."""
    if request.sampler is None:
        sampler, schedule = sampler_and_schedule(family.default_sampler, request.scheduler or family.default_schedule)
    else:
        sampler, schedule = sampler_and_schedule(request.sampler, request.scheduler)
    return sampler, effective_schedule(SAMPLERS[sampler], schedule)


def _require_possible(request: GenerationRequest, family: Family) -> None:
    given, own = family.network.config.in_channels, family.latents.channels
    require(
        given == own,
        f"this model takes {given} channels where plain ones take {own}: it is made for inpainting or editing",
        hint="choose a plain model for txt2img and img2img",
    )
    require(
        request.clip_skip <= family.most_clip_skip,
        f"clip_skip {request.clip_skip} leaves no layer: this model's text encoder has {family.most_clip_skip}",
    )
