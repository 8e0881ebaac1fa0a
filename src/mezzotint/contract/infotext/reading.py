"""Infotext as A1111 reads it, its older spellings included."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mezzotint.contract.infotext.legacy import first_pass_sizes, old_tags, unsaid
from mezzotint.contract.infotext.pairs import pairs_in
from mezzotint.contract.infotext.restoring import Restored, hashes_in, restored
from mezzotint.contract.infotext.writing import MadeWith
from mezzotint.contract.requests import GenerationRequest, PictureSource

_NEGATIVE = "Negative prompt:"
_SIZE = re.compile(r"(\d{1,9})x(\d{1,9})")
_FEWEST_PAIRS = 3  # a last line with fewer is part of the prompt


def parse_infotext(text: str, *, fill_in_old: bool = True) -> Infotext:
    """Read infotext. Never fails: what is not a parameter is prompt.

    ``fill_in_old`` adds what old versions of A1111 did without saying so.
    """
    *lines, last = text.strip().split("\n")
    pairs = list(pairs_in(last))
    if len(pairs) < _FEWEST_PAIRS:
        lines, pairs = [*lines, last], []

    parts: tuple[list[str], list[str]] = ([], [])
    is_negative = False
    for line in map(str.strip, lines):
        if line.startswith(_NEGATIVE):
            is_negative = True
            line = line.removeprefix(_NEGATIVE).strip()
        parts[is_negative].append(line)
    prompt, negative = ("\n".join(part).lstrip("\n") for part in parts)

    parameters: dict[str, str] = {}
    for key, value in pairs:
        size = _SIZE.fullmatch(value)
        parameters |= {f"{key}-1": size[1], f"{key}-2": size[2]} if size else {key: value}
    prompt += old_tags(parameters)
    parameters |= first_pass_sizes(parameters)
    if fill_in_old:
        parameters |= unsaid(prompt, negative, parameters)
    return Infotext(prompt, negative, parameters)


@dataclass(frozen=True)
class Infotext:
    """What was read: ``parameters`` holds text only, a ``Size`` as ``Size-1`` and ``Size-2``."""

    prompt: str
    negative: str
    parameters: Mapping[str, str]

    def to_request(self, init: PictureSource | None = None, mask: PictureSource | None = None) -> GenerationRequest:
        """The request for this picture again.

        ``init`` and ``mask`` are the pictures that infotext only names by their hashes; without ``init`` the request is
        one for words alone. Raises RequestError if a value is out of range.
        """
        return self.restore(init, mask).request

    def restore(self, init: PictureSource | None = None, mask: PictureSource | None = None) -> Restored:
        """The same, with what the request could not take and the person should know of."""
        return restored(self.prompt, self.negative, self.parameters, init, mask)

    @property
    def made_with(self) -> MadeWith:
        """The files that were in use, as far as they are told."""
        told = self.parameters
        return MadeWith(
            model=told.get("Model", ""),
            model_hash=told.get("Model hash", ""),
            vae=told.get("VAE", ""),
            vae_hash=told.get("VAE hash", ""),
            refiner=told.get("Refiner", ""),
            hires_model=told.get("Hires checkpoint", ""),
            init_hash=told.get("Init image hash", ""),
            mask_hash=told.get("Mask image hash", ""),
            loras=hashes_in(told.get("Lora hashes", "")),
            embeddings=hashes_in(told.get("TI hashes", "")),
            is_inpainting_model="Conditional mask weight" in told,
            user=told.get("User", ""),
        )

    def with_defaults(self) -> dict[str, object]:
        """Every key that A1111 reports for this text: prompts, parameters, and what absent ones mean."""
        found: dict[str, object] = {"Prompt": self.prompt, "Negative prompt": self.negative, **self.parameters}
        if _is_weighted(self.prompt) or _is_weighted(self.negative):
            found.setdefault("Emphasis", "Original")
        return {**found, **{key: value for key, value in DEFAULTS.items() if key not in found}}


DEFAULTS: Mapping[str, object] = {
    "Clip skip": "1",
    "Hires resize-1": 0,
    "Hires resize-2": 0,
    "Hires sampler": "Use same sampler",
    "Hires schedule type": "Use same scheduler",
    "Hires checkpoint": "Use same checkpoint",
    "Hires prompt": "",
    "Hires negative prompt": "",
    "Mask mode": "Inpaint masked",
    "Masked content": "original",
    "Inpaint area": "Whole picture",
    "Masked area padding": 32,
    "RNG": "GPU",
    "Schedule type": "Automatic",
    "Schedule max sigma": 0,
    "Schedule min sigma": 0,
    "Schedule rho": 0,
    "VAE Encoder": "Full",
    "VAE Decoder": "Full",
    "FP8 weight": "Disable",
    "Refiner switch by sampling steps": False,
}
"""What A1111 takes absent keys for."""


def _is_weighted(prompt: str) -> bool:
    return re.search(r"[(\[]", re.sub(r"\\.", "", prompt)) is not None
