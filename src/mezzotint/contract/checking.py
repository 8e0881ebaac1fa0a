"""Checking what comes from outside: a request, or an error that names the value and what would have been right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from mezzotint.errors import RequestError, closest

R = TypeVar("R", bound=BaseModel)

Schema = Mapping[str, Any]  # Any: JSON

_LONGEST_SHOWN = 80


def checked(kind: type[R], values: Mapping[str, Any]) -> R:  # Any: input from outside, checked here
    """A request of this kind. Raises RequestError naming the first bad field, its limits and the nearest good value."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = first["loc"]
        field = ".".join(str(part) for part in place)
        if first["type"] == "conflict":
            raise RequestError(first["msg"]) from error
        if first["type"] == "extra_forbidden":
            siblings = _schema_at(kind, place[:-1]).get("properties", {})
            near = closest(str(place[-1]), siblings)
            raise RequestError(f"no field {field!r}", hint=f"did you mean {near!r}?" if near else "") from error
        if first["type"] == "missing":
            raise RequestError(f"{field}: field required") from error
        given = first["input"]
        message = f"{field}: {first['msg'].lower()}, got {_shown(given)}"
        raise RequestError(message, hint=_nearest(_schema_at(kind, place), given)) from error


def _shown(given: object) -> str:
    text = repr(given)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _schema_at(kind: type[BaseModel], place: tuple[int | str, ...]) -> Schema:
    """The JSON schema of the field at this place, {} if there is none."""
    whole = kind.model_json_schema()
    found = _resolved(whole, whole)
    for part in place:
        inner: Any  # whatever JSON holds there
        if isinstance(part, int):
            prefix = found.get("prefixItems", ())
            inner = prefix[part] if part < len(prefix) else found.get("items", {})
        else:
            inner = found.get("properties", {}).get(part, {})
        found = _resolved(inner, whole)
    return found


def _resolved(schema: Schema, whole: Schema) -> Schema:
    """The schema with its reference followed, and of a choice between it and null the former."""
    if "$ref" in schema:
        return _resolved(whole["$defs"][str(schema["$ref"]).rpartition("/")[2]], whole)
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    return _resolved(choices[0], whole) if choices else schema


def _nearest(schema: Schema, given: object) -> str:
    """What to say of the nearest value that the schema allows, "" if nothing is near."""
    if "enum" in schema:
        choices = cast(list[str], schema["enum"])
        near = closest(str(given), choices)
        return f"did you mean {near!r}?" if near else f"choose from {', '.join(choices)}"
    try:
        value = float(cast(Any, given))  # anything at all: what is no number raises
    except (TypeError, ValueError):
        return ""
    step = schema.get("multipleOf", 1 if schema.get("type") == "integer" else None)
    if schema.get("type") not in ("integer", "number") or math.isnan(value):
        return ""
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    near = min(max(value, low), high)
    if not math.isfinite(near):
        return ""
    if step is None:
        return f"the nearest is {near:g}"
    if near in (low, high):  # as whole numbers, which large seeds need
        return f"the nearest is {low if near == low else high}"
    return f"the nearest is {min(max(round(near / step) * step, low), high)}"
