"""The last line of infotext: ``Key: value, Key: "quoted, value"``. Reading takes time in proportion to the length."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_QUOTED_IF = re.compile(r"[,:\n]")
_NOT_IN_KEYS = re.compile(r"[^\w /-]")
_SPACES = re.compile(r"\s*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"(?=,|\Z)')
_PLAIN = re.compile(r"[^,]*")
_WHOLE = re.compile(r"\d{1,9}")
_SHORTEST_KEY = 2


def pair(key: str, value: object) -> str:
    """``Key: value``, the value as JSON if it has a comma, a colon or a new line; the key alone if both are equal."""
    text = str(value)
    if key == text:
        return key
    return f"{key}: {json.dumps(text, ensure_ascii=False) if _QUOTED_IF.search(text) else text}"


def pairs_in(line: str) -> Iterator[tuple[str, str]]:
    """Keys and values in their order; what is neither is passed over."""
    at = 0
    while (colon := line.find(":", at)) >= 0:
        key = _NOT_IN_KEYS.split(line[at:colon])[-1].lstrip(" /-")  # it begins with a letter, a digit or an underscore
        at = colon + 1
        if len(key) >= _SHORTEST_KEY:
            at += len(_match(_SPACES, line, at))
            value = _match(_STRING, line, at) or _match(_PLAIN, line, at)
            at += len(value) + 1
            yield key, _unquoted(value)


def whole(text: str) -> int | None:
    """The whole number that a text is, None if it is none or has more than nine digits."""
    return int(text) if _WHOLE.fullmatch(text) else None


def _match(pattern: re.Pattern[str], line: str, at: int) -> str:
    found = pattern.match(line, at)
    return found[0] if found else ""


def _unquoted(value: str) -> str:
    if len(value) < len('""') or value[0] != '"' or value[-1] != '"':
        return value
    try:
        return str(json.loads(value))
    except json.JSONDecodeError:  # quotes of somebody else's making
        return value
