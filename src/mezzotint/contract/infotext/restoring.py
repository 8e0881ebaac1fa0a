"""From the parameters of infotext back to a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mezzotint.contract.checking import checked
from mezzotint.contract.infotext.legacy import is_old_tag
from mezzotint.contract.infotext.pairs import whole
from mezzotint.contract.infotext.rows import ALWAYS, ROWS, Row
from mezzotint.contract.requests import GenerationRequest, PictureSource

Parameters = Mapping[str, str]

_CELL_PX = 8

_INFORMATIVE = frozenset(
    ["Version", "User", "Model hash", "VAE hash", "Init image hash", "Mask image hash", "Lora hashes", "TI hashes"]
)
"""Keys that say something without asking for anything."""

_WITHOUT_EFFECT = {"VAE Encoder": "Full", "VAE Decoder": "Full", "FP8 weight": "Disable", "Noise Schedule": "Default"}


@dataclass(frozen=True)
class Restored:
    """A request from infotext, the pairs it has no place for, and what the person should know."""

    request: GenerationRequest
    unknown: Mapping[str, str] = field(default_factory=dict[str, str])
    warnings: tuple[str, ...] = ()


def restored(
    prompt: str, negative: str, parameters: Parameters, init: PictureSource | None, mask: PictureSource | None
) -> Restored:
    """Raises RequestError if a value is out of range."""
    reading = _Reading(parameters)
    started = "init" if init is not None else "hires" if reading.has_hires else ""
    values: dict[str, object] = {"prompt": prompt, "negative": negative}
    values |= reading.rows("") | reading.words() | reading.noise() | reading.size()
    values |= {part: reading.rows(part) for part in ("unipc", "old_ways")}
    if started == "init":
        values["init"] = {"picture": init, **reading.rows("init"), **reading.start()}
        if mask is not None:
            values["mask"] = {"picture": mask, **reading.rows("mask"), **reading.mask()}
    elif started == "hires":
        values["hires"] = {**reading.rows("hires"), **reading.start(), **reading.hires()}
    if "Refiner" in parameters:
        values["refiner"] = reading.rows("refiner")
    request = checked(GenerationRequest, values)
    unknown = {key: value for key, value in parameters.items() if reading.is_left(key, value)}
    left = [f"left aside, since it has no place in a request: {', '.join(unknown)}"] if unknown else []
    return Restored(request, unknown, (*reading.warnings, *_missing_pictures(parameters, init, mask), *left))


def hashes_in(text: str) -> dict[str, str]:
    """Names and hashes of ``name: hash, name: hash``."""
    pairs = (entry.rpartition(":") for entry in text.split(","))
    return {name.strip(): digest.strip() for name, _, digest in pairs if name.strip()}


class _Reading:
    """Parameters on their way into fields; remembers which were used."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.used: set[str] = set()
        self.warnings: list[str] = []

    @property
    def has_hires(self) -> bool:
        return any(key in self.parameters for key in ("Hires upscale", "Hires upscaler", "Hires resize-1"))

    def take(self, *keys: str) -> str | None:
        """The value of the first of these keys that is there."""
        for key in keys:
            if key in self.parameters:
                self.used.add(key)
                return self.parameters[key]
            if f"{key}-1" in self.parameters and f"{key}-2" in self.parameters:  # a text that looks like a size
                return "x".join(self.parameters[part] for part in self._parts(key))
        return None

    def rows(self, part: str) -> dict[str, object]:
        """Fields of one part that have a row in the table."""
        rows = {row.path.rpartition(".")[2]: self._row(row) for row in ROWS if row.part == part}
        return {name: value[0] for name, value in rows.items() if value}

    def words(self) -> dict[str, object]:
        """Fields of the request that have no row."""
        tiling = self.take("Tiling") == "True"
        told = {
            "model": self.take("Model") or self.parameters.get("Model hash"),
            "vae": self.take("VAE"),
            "emphasis": self.take("Emphasis"),
            "eta": self.take("Eta", "Eta DDIM"),
            "tiling_x": tiling or self.take("Tiling x"),
            "tiling_y": tiling or self.take("Tiling y"),
            "conditional_mask_weight": self.take("Conditional mask weight"),
            "guidance_interval": (self.take("Guidance start") or 0.0, self.take("Guidance end") or 1.0),
        }
        return {name: value for name, value in told.items() if value is not None}

    def noise(self) -> dict[str, object]:
        """Subseed, the seed's own size, and the difference that later noise has."""
        resized = self._pair("Seed resize from")
        told = {
            "subseed": self.take("Variation seed"),
            "subseed_strength": self.take("Variation seed strength"),
            "seed_resize": resized if resized and all(resized) else None,
            "ensd": self.take("ENSD"),
        }
        return {name: value for name, value in told.items() if value is not None}

    def size(self) -> dict[str, object]:
        """Width and height, brought down to whole latent cells as A1111 does when it draws."""
        size = self._pair("Size")
        if size is None:
            return {}
        width, height = (side // _CELL_PX * _CELL_PX for side in size)
        if (width, height) != size:
            self.warnings.append(f"Size {size[0]}x{size[1]} is not in steps of {_CELL_PX}: {width}x{height} is drawn")
        return {"width": width, "height": height}

    def start(self) -> dict[str, object]:
        """What start pictures and second passes have in common."""
        told = {"strength": self.take("Denoising strength"), "extra_noise": self.take("Extra noise")}
        return {name: value for name, value in told.items() if value is not None}

    def hires(self) -> dict[str, object]:
        """The size of the second pass."""
        width, height = self._pair("Hires resize") or (0, 0)
        scale = self.take("Hires upscale")
        return {"width": width or None, "height": height or None, **({"scale": scale} if scale is not None else {})}

    def mask(self) -> dict[str, object]:
        """Blur, padding and soft edges."""
        blur = self.take("Mask blur") or 0
        padding = self.take("Masked area padding")
        told: dict[str, object] = {
            "blur_x": self.take("Mask blur x") or blur,
            "blur_y": self.take("Mask blur y") or blur,
        }
        if padding is not None:
            told["padding"] = padding
        if self.take("Soft inpainting enabled") == "True":
            told["soft"] = self.rows("mask.soft")
        return told

    def is_left(self, key: str, value: str) -> bool:
        """Whether this pair asks for something that the request does not hold."""
        is_told = key in self.used or key in _INFORMATIVE or is_old_tag(key) or key.startswith("First pass size")
        return not is_told and _WITHOUT_EFFECT.get(key) != value

    def _row(self, row: Row) -> tuple[object] | None:
        """The field's value in a box; None leaves it at its default."""
        text = self.take(row.key, *row.also)
        if text is not None:
            return (row.meaning(text),)
        return None if row.omitted in (None, ALWAYS) else (row.omitted,)

    def _pair(self, key: str) -> tuple[int, int] | None:
        sides = [whole(self.parameters.get(part, "")) for part in (f"{key}-1", f"{key}-2")]
        if sides[0] is None or sides[1] is None:
            return None
        self._parts(key)
        return sides[0], sides[1]

    def _parts(self, key: str) -> tuple[str, str]:
        parts = (f"{key}-1", f"{key}-2")
        self.used.update(parts)
        return parts


def _missing_pictures(parameters: Parameters, init: PictureSource | None, mask: PictureSource | None) -> list[str]:
    """What is said of pictures that the text names or implies and that were not given."""
    missing: list[str] = []
    if init is None and (digest := parameters.get("Init image hash")):
        missing.append(f"made from a start picture with the hash {digest}, which was not given")
    is_masked = any(re.match(r"Mask(ed)? ", key) for key in parameters)
    if mask is None and is_masked:
        digest = parameters.get("Mask image hash", "unknown")
        missing.append(f"made with a mask with the hash {digest}, which was not given")
    return missing
