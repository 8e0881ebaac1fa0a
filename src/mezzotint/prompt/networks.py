"""Extra networks named in a prompt: ``<lora:name:0.8>``, ``<hypernet:name:1>`` and tags of whatever kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from mezzotint.errors import PromptSyntaxError

_TAG = re.compile(r"<(\w++):([^>]+)>")


@dataclass(frozen=True)
class NetworkTag:
    """One tag as written: its kind, the name of the network, and what follows, ``key=value`` apart from the rest."""

    kind: str
    name: str
    positional: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict[str, str])

    def number(self, key: str, place: int, default: float) -> float:
        """An argument by its key or else its place behind the name. Raises PromptSyntaxError if it is no number."""
        given = self.named.get(key, self.positional[place] if place < len(self.positional) else None)
        if given is None:
            return default
        try:
            value = float(given)
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise PromptSyntaxError(
                f"{key} of <{self.kind}:{self.name}> must be a number, got {given!r}",
                hint=f"write <{self.kind}:{self.name}:{default:g}>",
            )
        return value


@dataclass(frozen=True)
class Strengths:
    """How much of a low-rank network is added to the text encoders and to the U-Net; ``rank`` None is all of it."""

    text_encoder: float = 1.0
    unet: float = 1.0
    rank: int | None = None


def take_networks(text: str) -> tuple[str, tuple[NetworkTag, ...]]:
    """The prompt without its tags, the spaces around them left, and the tags in order."""
    end = text.rfind(">") + 1  # a tag not closed is looked for in vain, and once is enough
    if not end:
        return text, ()
    tags = tuple(_tag(found[1], found[2]) for found in _TAG.finditer(text, 0, end))
    return (_TAG.sub("", text[:end]) + text[end:], tags) if tags else (text, ())


def strengths(tag: NetworkTag) -> Strengths:
    """What ``<lora:name:te:unet:dyn>`` or ``<lyco:…>`` asks for: ``unet`` is as ``te`` unless given, ``te`` 1.

    Raises PromptSyntaxError for an argument that is no number, or a ``dyn`` below 1.
    """
    text_encoder = tag.number("te", 0, 1.0)
    unet = tag.number("unet", 1, text_encoder)
    rank = int(tag.number("dyn", 2, 0))
    if rank < 1 and ("dyn" in tag.named or len(tag.positional) > 2):
        raise PromptSyntaxError(f"dyn of <{tag.kind}:{tag.name}> must be at least 1, got {rank}")
    return Strengths(text_encoder, unet, rank or None)


def multiplier(tag: NetworkTag) -> float:
    """What ``<hypernet:name:0.7>`` asks for, 1 if nothing. Raises PromptSyntaxError for what is no number."""
    return tag.number("multiplier", 0, 1.0)


def _tag(kind: str, arguments: str) -> NetworkTag:
    parts = arguments.split(":")
    name, *positional = [part for part in parts if part.count("=") != 1] or [""]
    named = dict(part.split("=") for part in parts if part.count("=") == 1)
    return NetworkTag(kind, name, tuple(positional), named)
