"""Infotext: the lines of text in a picture file that say how it was made, as A1111 writes and reads them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mezzotint import __version__
from mezzotint.contract.requests import Fit, GenerationRequest, PictureSource, checked

VERSION = f"mezzotint-{__version__}"

RESIZE_MODES: Mapping[Fit, str] = {"stretch": "Just resize", "crop": "Crop and resize", "fill": "Resize and fill"}

_NEGATIVE = "Negative prompt:"
_PAIR = re.compile(
    r"""
    \s* (?P<key> \w [\w /-]+ ) : \s*
    (?: " (?P<quoted> (?: [^"\\] | \\. )* ) " (?= , | \Z )  # a JSON string, if a comma or the end follows
      | (?P<plain> [^,]* ) )
    ,?
    """,
    re.VERBOSE,
)
_SIZE = re.compile(r"(\d+)x(\d+)")
_FEWEST_PAIRS = 3  # a last line with fewer is part of the prompt
_OLD_FIRST_PASS_PX = 512 * 512
_OLD_FIRST_PASS_STEP_PX = 64


def to_infotext(
    request: GenerationRequest,
    model_name: str,
    model_hash: str = "",
    *,
    init_hash: str = "",
    extra: Mapping[str, object] | None = None,
    version: str = VERSION,
) -> str:
    """Prompt, negative prompt and one line of parameters, for one picture's request without blanks.

    ``model_hash`` is the first 10 hex digits of the file's sha256; ``init_hash`` the md5 of the start picture's pixels;
    ``extra`` holds further pairs in the order they were added.
    """
    pairs = {**_parameters(request, model_name, model_hash, init_hash), **(extra or {}), "Version": version}
    line = ", ".join(_pair(key, str(value)) for key, value in pairs.items() if value is not None and value != "")
    negative = f"\n{_NEGATIVE} {request.negative}" if request.negative else ""
    return f"{request.prompt}{negative}\n{line}".strip()


@dataclass(frozen=True)
class Infotext:
    """What was read: ``parameters`` holds text only, a ``Size`` as ``Size-1`` and ``Size-2``."""

    prompt: str
    negative: str
    parameters: Mapping[str, str]

    def to_request(self, init: PictureSource | None = None) -> GenerationRequest:
        """The request for this picture again. ``init`` is the start picture of img2img, which the text cannot hold.

        Raises RequestError if a value is out of range.
        """
        found = self.parameters
        values: dict[str, object] = {"prompt": self.prompt, "negative": self.negative}
        values |= {field: found[key] for key, field in _FIELDS.items() if key in found}
        if init is not None:
            modes = {label: fit for fit, label in RESIZE_MODES.items()}
            values["init"] = {
                "picture": init,
                "strength": found.get("Denoising strength", 0.75),
                "fit": modes.get(found.get("Resize mode", ""), "stretch"),
            }
        return checked(GenerationRequest, values)

    def with_defaults(self) -> dict[str, object]:
        """Every key that A1111 reports for this text: prompts, parameters, and what absent ones mean."""
        found: dict[str, object] = {"Prompt": self.prompt, "Negative prompt": self.negative, **self.parameters}
        if _is_weighted(self.prompt) or _is_weighted(self.negative):
            found.setdefault("Emphasis", "Original")
        return {**found, **{key: value for key, value in _DEFAULTS.items() if key not in found}}


def parse_infotext(text: str) -> Infotext:
    """Read infotext, A1111's older spellings included. Never fails: what is not a parameter is prompt."""
    *lines, last = text.strip().split("\n")
    pairs = [_value(match) for match in _PAIR.finditer(last)]
    if len(pairs) < _FEWEST_PAIRS:
        lines, pairs = [*lines, last], []

    parts: tuple[list[str], list[str]] = ([], [])
    is_negative = False
    for line in map(str.strip, lines):
        if line.startswith(_NEGATIVE):
            is_negative = True
            line = line.removeprefix(_NEGATIVE).strip()
        parts[is_negative].append(line)
    prompt, negative = ("\n".join(part) for part in parts)

    parameters: dict[str, str] = {}
    for key, value in pairs:
        if size := _SIZE.fullmatch(value):
            parameters |= {f"{key}-1": size[1], f"{key}-2": size[2]}
        else:
            parameters[key] = value
    prompt += _old_tags(parameters)
    return Infotext(prompt, negative, {**_old_meanings(prompt, negative, parameters), **_first_pass(parameters)})


_FIELDS = {
    "Steps": "steps",
    "Sampler": "sampler",
    "Schedule type": "scheduler",
    "CFG scale": "cfg_scale",
    "Seed": "seed",
    "Size-1": "width",
    "Size-2": "height",
    "Model": "model",
    "Clip skip": "clip_skip",
    "Eta": "eta",
    "Eta DDIM": "eta",
}

_DEFAULTS: Mapping[str, object] = {
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


def _parameters(request: GenerationRequest, model_name: str, model_hash: str, init_hash: str) -> dict[str, object]:
    init = request.init
    return {
        "Steps": request.steps,
        "Sampler": request.sampler,
        "Schedule type": request.scheduler,
        "CFG scale": request.cfg_scale,
        "Seed": request.seed,
        "Size": f"{request.width}x{request.height}",
        "Model hash": model_hash,
        "Model": model_name,
        "Denoising strength": init.strength if init else None,
        "Clip skip": request.clip_skip if request.clip_skip > 1 else None,
        "Init image hash": init_hash if init else None,
        "RNG": "NV",  # Philox, the numbers that NVIDIA's GPUs draw
        "Resize mode": RESIZE_MODES[init.fit] if init and init.fit != "stretch" else None,
        **_eta(request),
    }


def _eta(request: GenerationRequest) -> dict[str, object]:
    is_ddim = (request.sampler or "").startswith("DDIM")
    key, usual = ("Eta DDIM", 0.0) if is_ddim else ("Eta", 1.0)
    return {} if request.eta in (None, usual) else {key: request.eta}


def _pair(key: str, value: str) -> str:
    if key == value:
        return key
    return f"{key}: {json.dumps(value, ensure_ascii=False)}" if re.search(r"[,:\n]", value) else f"{key}: {value}"


def _value(match: re.Match[str]) -> tuple[str, str]:
    key, quoted, plain = match["key"], match["quoted"], match["plain"]
    if quoted is None:
        return key, plain.strip()
    try:
        return key, json.loads(f'"{quoted}"')
    except json.JSONDecodeError:  # quotes of somebody else's making
        return key, f'"{quoted}"'


def _is_weighted(prompt: str) -> bool:
    return re.search(r"[(\[]", re.sub(r"\\.", "", prompt)) is not None


def _old_tags(parameters: Mapping[str, str]) -> str:
    """What hypernetworks and LoRAs of old versions are in today's prompt language."""
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


def _first_pass(parameters: Mapping[str, str]) -> dict[str, str]:
    """Before 2023 the size was that of the second pass, and the first pass had a key of its own."""
    if "First pass size-1" not in parameters or "Size-1" not in parameters:
        return {}
    target = int(parameters["Size-1"]), int(parameters["Size-2"])
    first = int(parameters["First pass size-1"]), int(parameters["First pass size-2"])
    if 0 in first and 0 not in target:
        scale = math.sqrt(_OLD_FIRST_PASS_PX / (target[0] * target[1]))
        step = _OLD_FIRST_PASS_STEP_PX
        first = math.ceil(scale * target[0] / step) * step, math.ceil(scale * target[1] / step) * step
    sizes = {"Size-1": first[0], "Size-2": first[1], "Hires resize-1": target[0], "Hires resize-2": target[1]}
    return {key: str(value) for key, value in sizes.items()}


def _old_meanings(prompt: str, negative: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters, with what versions of A1111 before today's did without saying so."""
    version = re.match(r"v(\d+)\.(\d+)\.(\d+)(?:-(\d+))?", parameters.get("Version", ""))
    if version is None:
        return dict(parameters)
    number = tuple(int(part or 0) for part in version.groups())
    unsaid = {
        "Old prompt editing timelines": number < (1, 6, 0, 0) and "[" in prompt + negative,
        "Pad conds v0": number < (1, 6, 0, 0) and parameters.get("Sampler") in ("DDIM", "PLMS"),
        "Downcast alphas_cumprod": number < (1, 7, 0, 225),
        "Refiner switch by sampling steps": number < (1, 8, 0, 0) and "Refiner" in parameters,
    }
    return {**{key: "True" for key, holds in unsaid.items() if holds}, **parameters}
