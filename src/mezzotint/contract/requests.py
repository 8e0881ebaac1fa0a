"""Requests: frozen descriptions of work, the same from every door."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from mezzotint.errors import RequestError, closest

SEED_MAX = 2**63 - 1

Fit = Literal["stretch", "crop", "fill"]
"""How a picture takes another shape: distorted, trimmed to fill, or whole with its edges drawn out."""


def _from_data_uri(value: object) -> object:
    if not (isinstance(value, str) and value.startswith("data:")):
        return value
    try:
        return base64.b64decode(value.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise ValueError(f"not valid base64: {error}") from error


def _as_text(value: Path | bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(value).decode()}" if isinstance(value, bytes) else str(value)


PictureSource = Annotated[Path | bytes, BeforeValidator(_from_data_uri), PlainSerializer(_as_text, when_used="json")]
"""A picture file: its path, or its encoded bytes (a ``data:`` URI in JSON)."""

Side = Annotated[int, Field(ge=16, le=4096, multiple_of=8)]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InitImage(_Request):
    """The picture that img2img starts from, and how far to leave it: ``strength`` 0 keeps it, 1 forgets it."""

    picture: PictureSource
    strength: float = Field(default=0.75, ge=0, le=1)
    fit: Fit = "crop"


class GenerationRequest(_Request):
    """Pictures from words; from words and a picture when ``init`` is given.

    None and ``""`` leave the choice to the model's family (``model=""`` is the embedded model); ``seed=-1`` draws one.
    Pictures of a batch have consecutive seeds.
    """

    prompt: str
    negative: str = ""
    model: str = ""
    seed: int = Field(default=-1, ge=-1, le=SEED_MAX)
    steps: int | None = Field(default=None, ge=1, le=150)
    sampler: str | None = None
    scheduler: str | None = None
    cfg_scale: float | None = Field(default=None, ge=0, le=100)
    width: Side | None = None
    height: Side | None = None
    count: int = Field(default=1, ge=1, le=10_000)
    clip_skip: int = Field(default=1, ge=1, le=12)
    eta: float | None = Field(default=None, ge=0, le=1)
    init: InitImage | None = None


R = TypeVar("R", bound=BaseModel)


def checked(kind: type[R], values: Mapping[str, Any]) -> R:  # Any: input from outside, checked here
    """A request of this kind. Raises RequestError naming the first bad field and its limits."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            near = closest(field, kind.model_fields)
            raise RequestError(f"no field {field!r}", hint=f"did you mean {near!r}?" if near else "") from error
        given = f", got {first['input']!r}" if first["type"] != "missing" else ""
        raise RequestError(f"{field}: {first['msg'].lower()}{given}") from error
