"""Infotext of old versions: keys that are gone, and what those versions did without saying so."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from mezzotint.contract.infotext.pairs import whole

_FIRST_PASS_PX = 512 * 512
_FIRST_PASS_STEP_PX = 64


def old_tags(parameters: Mapping[str, str]) -> str:
    """What hypernetworks and LoRAs of old versions are in today's prompt language, to be put after the prompt."""
    tags = ""
    if name := parameters.get("Hypernet"):
        tags += f"<hypernet:{name}:{parameters.get('Hypernet strength', '1.0')}>"
    loras = ""
    for key, module in parameters.items():
        number = re.fullmatch(r"AddNet Module (\d+)", key)
        if number and module == "LoRA":
            name = re.sub(r"\([0-9a-f]+\)$", "", parameters.get(f"AddNet Model {number[1]}", ""))
            loras += f"<lora:{name}:{parameters.get(f'AddNet Weight A {number[1]}', '1')}>"
    return tags + (f"\n{loras}" if loras else "")


def is_old_tag(key: str) -> bool:
    """Whether `old_tags` has told what this key says."""
    return key in ("Hypernet", "Hypernet strength") or key.startswith("AddNet ")


def first_pass_sizes(parameters: Mapping[str, str]) -> dict[str, str]:
    """Today's keys for a ``First pass size``, beside which ``Size`` was that of the second pass."""
    keys = ("Size-1", "Size-2", "First pass size-1", "First pass size-2")
    sides = [side for key in keys if (side := whole(parameters.get(key, ""))) is not None]
    if len(sides) < len(keys):
        return {}
    width, height, first_width, first_height = sides
    if 0 in (first_width, first_height) and width * height > 0:
        first_width, first_height = automatic_first_pass(width, height)
    sizes = (first_width, first_height, width, height)
    return dict(zip(("Size-1", "Size-2", "Hires resize-1", "Hires resize-2"), map(str, sizes), strict=True))


def automatic_first_pass(width: int, height: int) -> tuple[int, int]:
    """The size of about 512 x 512 pixels, in steps of 64, that old versions began with to end at this one."""
    scale = math.sqrt(_FIRST_PASS_PX / (width * height))
    step = _FIRST_PASS_STEP_PX
    return math.ceil(scale * width / step) * step, math.ceil(scale * height / step) * step


def unsaid(prompt: str, negative: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Parameters that the text's version of A1111 stood for without writing them. Other programs' versions do not."""
    version = re.match(r"v(\d+)\.(\d+)\.(\d+)(?:-(\d+))?", parameters.get("Version", ""))
    if version is None:
        return {}
    number = tuple(int(part or 0) for part in version.groups())
    holding = {
        "Old prompt editing timelines": number < (1, 6, 0, 0) and "[" in prompt + negative,
        "Pad conds v0": number < (1, 6, 0, 0) and parameters.get("Sampler") in ("DDIM", "PLMS"),
        "Downcast alphas_cumprod": number < (1, 7, 0, 225),
        "Refiner switch by sampling steps": number < (1, 8, 0, 0) and "Refiner" in parameters,
    }
    return {key: "True" for key, holds in holding.items() if holds and key not in parameters}
