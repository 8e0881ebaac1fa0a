"""Infotext from the request of one picture, key for key as A1111 orders and words it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mezzotint import __version__
from mezzotint.contract.infotext.pairs import pair
from mezzotint.contract.infotext.rows import ORDER, ROWS
from mezzotint.contract.requests import GenerationRequest

VERSION = f"mezzotint-{__version__}"

_PLACES = {key: place for place, key in enumerate(ORDER)}


@dataclass(frozen=True)
class MadeWith:
    """What infotext tells beside the request: the files that were in use, by name and hash. "" is not written.

    Hashes of checkpoints and autoencoders are the first 10 hex digits of the file's sha256, those of LoRAs and
    embeddings (by name) 12; those of pictures are the md5 of their pixels. ``refiner`` and ``hires_model`` are
    ``name [hash]``; ``vae`` is a file name with its ending.
    """

    model: str = ""
    model_hash: str = ""
    vae: str = ""
    vae_hash: str = ""
    refiner: str = ""
    hires_model: str = ""
    init_hash: str = ""
    mask_hash: str = ""
    loras: Mapping[str, str] = field(default_factory=dict[str, str])
    embeddings: Mapping[str, str] = field(default_factory=dict[str, str])
    is_inpainting_model: bool = False
    user: str = ""


def to_infotext(
    request: GenerationRequest,
    made_with: MadeWith,
    *,
    extra: Mapping[str, object] | None = None,
    version: str = VERSION,
) -> str:
    """Prompt, negative prompt and one line of parameters, for one picture's request without blanks.

    ``extra`` holds further pairs in the order they were added; a key that is there already keeps its place, and None is
    not written. Styles are not told: their texts are part of the prompts by now.
    """
    pairs = infotext_pairs(request, made_with, extra=extra, version=version)
    line = ", ".join(pair(key, value) for key, value in pairs.items())
    negative = f"\nNegative prompt: {request.negative}" if request.negative else ""
    return f"{with_tags(request).prompt}{negative}\n{line}".strip()


def infotext_pairs(
    request: GenerationRequest,
    made_with: MadeWith,
    *,
    extra: Mapping[str, object] | None = None,
    version: str = VERSION,
) -> dict[str, object]:
    """The parameters alone, in their order and not yet in words."""
    told = {row.key: row.value(request) for row in ROWS}
    told |= _seeds_and_sizes(request) | _of_parts(request, made_with) | _files(request, made_with) | dict(extra or {})
    ordered = sorted(told, key=lambda key: _PLACES.get(key, len(_PLACES)))
    last = {"Version": version or None, "User": made_with.user or None}
    return {key: value for key, value in ({key: told[key] for key in ordered} | last).items() if value is not None}


def with_tags(request: GenerationRequest) -> GenerationRequest:
    """The same with every network named by a tag of the prompt, those that have one already left as they are."""
    missing = [n.tag for n in request.networks if not re.search(rf"<{n.kind}:{re.escape(n.name)}[:>]", request.prompt)]
    prompt = " ".join([request.prompt, *missing] if request.prompt else missing)
    return request.model_copy(update={"prompt": prompt, "networks": ()})


def _seeds_and_sizes(request: GenerationRequest) -> dict[str, object]:
    is_varied = request.subseed_strength != 0
    start, end = request.guidance_interval
    eta_key, usual_eta = ("Eta DDIM", 0.0) if (request.sampler or "").startswith("DDIM") else ("Eta", 1.0)
    eta = usual_eta if request.eta is None else request.eta
    return {
        "Size": _size(request.width, request.height),
        "Variation seed": request.subseed if is_varied else None,
        "Variation seed strength": request.subseed_strength if is_varied else None,
        "Seed resize from": _size(*request.seed_resize) if request.seed_resize else None,
        "ENSD": request.ensd if request.ensd and eta else None,
        "Tiling": True if request.tiling_x and request.tiling_y else None,
        "Tiling x": True if request.tiling_x and not request.tiling_y else None,
        "Tiling y": True if request.tiling_y and not request.tiling_x else None,
        "Emphasis": request.emphasis if _emphasis_matters(request) else None,
        eta_key: None if eta == usual_eta else eta,
        "Guidance start": start if start > 0 else None,
        "Guidance end": end if end < 1 else None,
    }


def _of_parts(request: GenerationRequest, made_with: MadeWith) -> dict[str, object]:
    init, mask, hires = request.init, request.mask, request.hires
    started = init or hires
    told: dict[str, object] = {
        "Denoising strength": started.strength if started else None,
        "Extra noise": (started.extra_noise or None) if started else None,
        "Conditional mask weight": request.conditional_mask_weight if made_with.is_inpainting_model else None,
    }
    if hires:
        is_scaled = hires.width is None and hires.height is None
        told["Hires upscale"] = hires.scale if is_scaled else None
        told["Hires resize"] = None if is_scaled else _size(hires.width or 0, hires.height or 0)
    if mask:
        is_even = mask.blur_x == mask.blur_y
        told["Mask blur"] = (mask.blur_x or None) if is_even else None
        told["Mask blur x"], told["Mask blur y"] = (None, None) if is_even else (mask.blur_x, mask.blur_y)
        told["Masked area padding"] = mask.padding if mask.area == "only masked" else None
        told["Soft inpainting enabled"] = True if mask.soft else None
    return told


def _files(request: GenerationRequest, made_with: MadeWith) -> dict[str, object]:
    told = {
        "Model hash": made_with.model_hash,
        "Model": made_with.model,
        "VAE hash": made_with.vae_hash,
        "VAE": made_with.vae or request.vae,
        "Init image hash": made_with.init_hash if request.init else "",
        "Mask image hash": made_with.mask_hash if request.mask else "",
        "Lora hashes": _hashes(made_with.loras),
        "TI hashes": _hashes(made_with.embeddings),
    }
    if request.refiner and made_with.refiner:
        told["Refiner"] = made_with.refiner
    if request.hires and request.hires.model and made_with.hires_model:
        told["Hires checkpoint"] = made_with.hires_model
    return {key: text or None for key, text in told.items()}


def _emphasis_matters(request: GenerationRequest) -> bool:
    """Whether another mode than the usual one reads these prompts differently."""
    hires = request.hires
    texts = [request.prompt, request.negative, *((hires.prompt, hires.negative) if hires else ())]
    signs = r"[(\[\\]|\bBREAK\b" if request.emphasis == "None" else r"[(\[]"
    return request.emphasis != "Original" and any(re.search(signs, text) for text in texts)


def _size(width: int | None, height: int | None) -> str | None:
    return None if width is None or height is None else f"{width}x{height}"


def _hashes(hashes: Mapping[str, str]) -> str:
    """``name: hash, name: hash``, the names without what would end them."""
    return ", ".join(f"{re.sub('[:,]', '', name)}: {digest}" for name, digest in hashes.items())
