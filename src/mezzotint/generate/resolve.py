"""A request without blanks: words merged, seeds drawn, names looked up, defaults filled in, all before any loading."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from mezzotint.contract.requests import SEED_MAX, GenerationRequest
from mezzotint.diffusion.naming import effective_schedule, sampler_and_schedule
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.engine.catalog import Catalog
from mezzotint.engine.loading import family_of
from mezzotint.errors import UnknownName, require
from mezzotint.families.family import Family
from mezzotint.generate.enlarging import require_upscaler
from mezzotint.prompt.comments import strip_comments
from mezzotint.prompt.expansion import expand
from mezzotint.prompt.networks import take_networks
from mezzotint.prompt.style_files import list_styles
from mezzotint.prompt.styles import merge_styles
from mezzotint.prompt.wildcards import read_wildcards

T = TypeVar("T")

_SEEDS = 2**32 - 2  # how many a drawn seed is one of: A1111's range
_PICTURES = {"instruct", "low-res", "depth"}


@dataclass(frozen=True)
class Resolved:
    """The request without blanks, and what the person should know about how they were filled."""

    request: GenerationRequest
    warnings: tuple[str, ...] = ()


def resolve(request: GenerationRequest, catalog: Catalog) -> Resolved:
    """Raises UnknownName for anything that is in no list, RequestError for what cannot be done, ModelFileError."""
    entry = catalog.find(request.model)
    catalog.find_vae(request.vae, entry)
    family = family_of(entry.path)
    request = _worded(request, catalog)
    _require_possible(request, family)
    _require_known(request, catalog)
    sampler, schedule = _sampler_and_schedule(request, family)
    seed, subseed = (secrets.randbelow(_SEEDS) if given < 0 else given for given in (request.seed, request.subseed))
    varied = request.subseed_strength > 0
    last = (subseed if varied else seed) + request.count - 1
    what = f"subseed {subseed}" if varied else f"seed {seed}"
    require(last <= SEED_MAX, f"{what} leaves no room for {request.count} pictures")
    filled = request.model_copy(
        update={
            "model": entry.ref,
            "seed": seed,
            "subseed": subseed if varied else -1,
            "steps": _or(request.steps, family.default_steps),
            "sampler": sampler,
            "scheduler": schedule,
            "cfg_scale": _or(request.cfg_scale, family.default_cfg),
            "width": _or(request.width, family.native_px),
            "height": _or(request.height, family.native_px),
            "eta": request.eta if SAMPLERS[sampler].uses_eta else None,
        }
    )
    return Resolved(filled, tuple(_warnings(request, sampler)))


def expanded(request: GenerationRequest, catalog: Catalog) -> list[tuple[int, GenerationRequest]]:
    """A resolved request in parts, each with the number of its first picture, from 0.

    Variants (``{a|b}``) and wildcards (``__name__``) are drawn by each picture's own seed; a prompt without any is one
    part. Raises PromptSyntaxError for wildcards without end.
    """
    wildcards = read_wildcards(catalog.home / "wildcards")
    varied = request.subseed_strength > 0
    hires = request.hires
    parts = list[tuple[int, GenerationRequest]]()
    for number in range(request.count):
        seed = request.subseed + number if varied else request.seed + number
        own = request.seed if varied else seed
        texts = [request.prompt, request.negative, *((hires.prompt, hires.negative) if hires else ())]
        drawn = [expand(text, wildcards, Random(f"{seed}/{place}")) for place, text in enumerate(texts)]
        if drawn == texts:  # nothing is left to chance, in this picture or in any
            return [(0, request)]
        update: dict[str, object] = {"prompt": drawn[0], "negative": drawn[1], "seed": own, "count": 1}
        if varied:
            update["subseed"] = seed
        if hires:
            update["hires"] = hires.model_copy(update={"prompt": drawn[2], "negative": drawn[3]})
        parts.append((number, request.model_copy(update=update)))
    return parts


def _or(given: T | None, default: T) -> T:
    return default if given is None else given


def _worded(request: GenerationRequest, catalog: Catalog) -> GenerationRequest:
    """The prompts with their styles merged in and comments taken out. Raises UnknownName for a style."""
    hires = request.hires
    words = [(request.prompt, request.negative)]
    if hires is not None:
        words.append((hires.prompt, hires.negative))
    if request.styles:
        known = {style.name: style for style in list_styles([catalog.home / "styles.csv"])}
        for name in request.styles:
            if name not in known:
                raise UnknownName("style", name, known)
        words = [
            merge_styles(prompt, negative, request.styles, known)
            if prompt or negative or i == 0
            else (prompt, negative)
            for i, (prompt, negative) in enumerate(words)
        ]
    (prompt, negative), *second = [(strip_comments(prompt), strip_comments(against)) for prompt, against in words]
    update: dict[str, object] = {"prompt": prompt, "negative": negative, "styles": ()}
    if hires is not None:
        update["hires"] = hires.model_copy(update={"prompt": second[0][0], "negative": second[0][1]})
    return request.model_copy(update=update)


def _sampler_and_schedule(request: GenerationRequest, family: Family) -> tuple[str, str]:
    """Registered names. The family's schedule goes with the family's sampler only."""
    if request.sampler is None:
        sampler, schedule = sampler_and_schedule(family.default_sampler, request.scheduler or family.default_schedule)
    else:
        sampler, schedule = sampler_and_schedule(request.sampler, request.scheduler)
    return sampler, effective_schedule(SAMPLERS[sampler], schedule)


def _require_possible(request: GenerationRequest, family: Family) -> None:
    require(
        request.clip_skip <= family.most_clip_skip,
        f"clip_skip {request.clip_skip} leaves no layer: this model's text encoder has {family.most_clip_skip}",
    )
    require(
        family.extra_input not in _PICTURES or request.init is not None,
        f"a {family.title} model of this kind works on a picture, and there is none",
        hint="give the start picture: img2img --init FILE",
    )
    require(
        family.extra_input != "depth",
        "this model wants a depth map of the picture, which mezzotint cannot make yet",
        hint="choose a model without depth",
    )


def _require_known(request: GenerationRequest, catalog: Catalog) -> None:
    """Raise UnknownName for a name in the request's parts that nothing has, ModelFileError for a useless upscaler."""
    if request.hires is not None:
        require_upscaler(request.hires.upscaler, catalog)
        if request.hires.model:
            catalog.find(request.hires.model)
        if request.hires.sampler or request.hires.scheduler:
            sampler_and_schedule(request.hires.sampler or "Euler", request.hires.scheduler)
    if request.init is not None and request.init.upscaler:
        require_upscaler(request.init.upscaler, catalog, of_latents=False)
    if request.refiner is not None:
        catalog.find(request.refiner.model)


def _warnings(request: GenerationRequest, sampler: str) -> Iterator[str]:
    if request.eta is not None and not SAMPLERS[sampler].uses_eta:
        yield f"{sampler} draws no noise, so eta is left aside"
    tags = [*take_networks(request.prompt)[1], *request.networks]
    if tags:
        names = ", ".join(dict.fromkeys(f"{tag.kind}:{tag.name}" for tag in tags))
        yield f"networks are read but not applied yet: {names}"
