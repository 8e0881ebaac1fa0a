"""Parts of a request: the start picture, the mask, the second pass and whatever else has several fields of its own."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator
from pydantic_core import PydanticCustomError

Fit = Literal["stretch", "crop", "fill", "latent"]
"""How a picture takes another size: distorted, trimmed to fill, whole with its edges drawn out, or as latents."""

MaskFill = Literal["fill", "original", "latent noise", "latent nothing"]
"""What lies under a mask at the start: the surroundings' colours, the picture itself, noise, or zeros."""

MaskArea = Literal["whole picture", "only masked"]
"""What is worked on: all of the picture, or the mask's surroundings enlarged and pasted back."""

RefinerPass = Literal["first pass", "second pass", "both passes"]
"""Where the refiner takes over in a request with two passes."""


def _from_data_uri(value: object) -> object:
    if not (isinstance(value, str) and value.startswith("data:")):
        return value
    try:
        return base64.b64decode(value.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise ValueError(f"not valid base64: {error}") from error


def _short_format(value: object) -> object:
    return "jpg" if value == "jpeg" else value


def _as_text(value: Path | bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(value).decode()}" if isinstance(value, bytes) else str(value)


PictureSource = Annotated[Path | bytes, BeforeValidator(_from_data_uri), PlainSerializer(_as_text, when_used="json")]
"""A picture file: its path, or its encoded bytes (a ``data:`` URI in JSON)."""

Format = Annotated[Literal["png", "jpg", "webp", "avif"], BeforeValidator(_short_format)]
"""The format of a picture file by its usual ending; ``jpeg`` is understood too."""

Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(max_length=1024)]
Prompt = Annotated[str, Field(max_length=65_536)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
CFGScale = Annotated[float, Field(ge=0, le=100)]
Strength = Annotated[float, Field(ge=-100, le=100)]


class Part(BaseModel):
    """What every part of a request is: frozen, without unknown fields, its numbers finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class InitImage(Part):
    """The picture that img2img starts from, and how far to leave it."""

    picture: PictureSource
    strength: Share = 0.75
    """0 keeps the picture, 1 forgets it."""
    fit: Fit = "crop"
    upscaler: Name = ""
    """What enlarges a picture that is smaller than the result; "" is Lanczos."""
    fix_steps: bool = False
    """Take as many steps as asked whatever the strength, of a longer schedule."""
    noise_multiplier: float = Field(default=1.0, ge=0, le=2)
    """How strong the noise is that covers the picture at the start."""
    extra_noise: Share = 0.0
    """Noise on top of that, which the sampler does not know of and keeps as detail."""
    color_correction: bool = False
    """Give the result the start picture's colours."""
    background: Colour = "#ffffff"
    """What transparent parts become."""


class SoftInpainting(Part):
    """Repaint more where the mask is lighter, and blend by how much has changed."""

    schedule_bias: float = Field(default=1.0, ge=0, le=8)
    """Above 1 the start picture is kept more in early steps."""
    preservation_strength: float = Field(default=0.5, ge=0, le=8)
    """How strongly half-masked parts keep the start picture."""
    transition_contrast_boost: float = Field(default=4.0, ge=1, le=32)
    """Keeps the contrast where the two pictures are mixed."""
    mask_influence: Share = 0.0
    """How much the mask, and not only the change, decides what is pasted back."""
    difference_threshold: float = Field(default=0.5, ge=0, le=8)
    """How much may change before the new picture wins."""
    difference_contrast: float = Field(default=2.0, ge=0, le=8)
    """How sharply it wins."""


class Mask(Part):
    """Where to repaint the start picture: the mask's white parts."""

    picture: PictureSource
    blur_x: int = Field(default=4, ge=0, le=256)
    """Standard deviation in pixels of the blur from left to right."""
    blur_y: int = Field(default=4, ge=0, le=256)
    """The same from top to bottom."""
    invert: bool = False
    """Repaint the black parts."""
    fill: MaskFill = "original"
    area: MaskArea = "whole picture"
    padding: int = Field(default=32, ge=0, le=4096)
    """Pixels around the mask that are shown to the model when only the masked area is worked on."""
    is_rounded: bool = True
    """Each latent cell is repainted or not, with nothing between."""
    overlay: bool = True
    """Paste the start picture over what was not to change."""
    soft: SoftInpainting | None = None


class Hires(Part):
    """A second pass over the enlarged picture."""

    scale: float = Field(default=2.0, ge=1, le=8)
    """How many times as large; counts only without ``width`` and ``height``."""
    width: int | None = Field(default=None, ge=16, le=16_384)
    """Pixels; with one side given the other follows, with both the picture is trimmed to them."""
    height: int | None = Field(default=None, ge=16, le=16_384)
    upscaler: Name = "Latent"
    steps: int = Field(default=0, ge=0, le=150)
    """0 is as many as in the first pass."""
    strength: Share = 0.7
    """0 keeps the enlarged picture, 1 forgets it."""
    extra_noise: Share = 0.0
    """As for a start picture."""
    sampler: Name | None = None
    """None is that of the first pass, as for all that follow."""
    scheduler: Name | None = None
    prompt: Prompt = ""
    negative: Prompt = ""
    model: Name = ""
    cfg_scale: CFGScale | None = None


class Refiner(Part):
    """Another model that takes over before the end."""

    model: Name
    switch_at: Share = 0.8
    """Share of the way from noise to picture, in timesteps."""
    by_steps: bool = False
    """``switch_at`` is a share of the steps instead."""
    hires_pass: RefinerPass = "second pass"


class Network(Part):
    """An addition to the model, as a tag such as ``<lora:ink:0.8>`` names it."""

    kind: str = Field(default="lora", pattern=r"^\w+$", max_length=32)
    """``lora``, ``hypernet``, or what another package brings."""
    name: str = Field(pattern=r"^[^:<>]+$", max_length=1024)
    strength: Strength = 1.0
    """How much of it; on the text encoder only, if ``network_strength`` is given."""
    network_strength: Strength | None = None
    """How much of it on the denoising network; None is ``strength``."""
    rank: int | None = Field(default=None, ge=1, le=4096)
    """How many of its rows are used; None is all."""

    @property
    def tag(self) -> str:
        """The tag in the prompt language."""
        on_network = self.strength if self.network_strength is None else self.network_strength
        numbers = [self.strength]
        if self.rank is not None or on_network != self.strength:
            numbers.append(on_network)
        if self.rank is not None:
            numbers.append(self.rank)
        return f"<{self.kind}:{':'.join([self.name, *(_short(number) for number in numbers)])}>"


class UniPC(Part):
    """Choices of the sampler UniPC (Zhao et al. 2023, arXiv:2302.04867)."""

    variant: Literal["bh1", "bh2", "vary_coeff"] = "bh1"
    skip_type: Literal["time_uniform", "time_quadratic", "logSNR"] = "time_uniform"
    order: int = Field(default=3, ge=1, le=50)
    lower_order_final: bool = True


class OldWays(Part):
    """What old versions of A1111 did otherwise; each makes their pictures again."""

    prompt_editing: bool = False
    """``[a:b:1.0]`` switches after one step instead of at the end of the pass."""
    emphasis: bool = False
    """The first reading of ``((brackets))``, which knew no ``(word:1.2)``."""
    downcast_alphas: bool = False
    """The noise schedule was rounded to half precision."""
    karras_sigmas: bool = False
    """Karras schedules ran from 10 to 0.1 for every model."""
    pad_conds_v0: bool = False
    """The negative prompt takes the other's length by repeating its last token, or cutting, as DDIM and PLMS had it.

    It wins over ``pad_conds``.
    """
    hires_size: bool = False
    """Width and height were those of the second pass."""
    hires_first_prompts: bool = False
    """The second pass used the first one's prompt schedule."""


class Output(Part):
    """How the picture file is written. No part of the picture, so infotext does not tell it."""

    format: Format = "png"
    """Of files that are not named; the ending of a name says it of itself."""
    quality: int = Field(default=80, ge=1, le=100)
    """Of the formats that lose something: 100 is nearest to the picture, and the largest."""
    lossless: bool = False
    """WebP that loses nothing, as PNG never does; not for the others."""

    @model_validator(mode="after")
    def _can_be_lossless(self) -> Output:
        if self.lossless and self.format in ("jpg", "avif"):
            message = f"{self.format} files always lose something: leave lossless out, or choose webp or png"
            raise PydanticCustomError("conflict", "{message}", {"message": message})
        return self


def _short(number: float) -> str:
    return repr(float(number)).removesuffix(".0")
