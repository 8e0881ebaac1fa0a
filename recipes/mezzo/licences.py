"""Debian's machine-readable copyright files: which licence a file of a package has."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass


@dataclass(frozen=True)
class Stanza:
    """Files by glob pattern, and their licence's short name."""

    patterns: tuple[str, ...]
    licence: str


def read_copyright(text: str) -> list[Stanza]:
    """The ``Files`` stanzas of a copyright file in Debian's format 1.0."""
    stanzas: list[Stanza] = []
    for paragraph in text.split("\n\n"):
        fields = _fields(paragraph)
        if "Files" in fields and "License" in fields:
            stanzas.append(Stanza(tuple(fields["Files"].split()), fields["License"].split("\n")[0].strip()))
    return stanzas


def licence_of(path: str, stanzas: list[Stanza]) -> str:
    """The licence of a file by its path in the source package: the last stanza that matches, as the format says."""
    matching = [s.licence for s in stanzas if any(fnmatch.fnmatchcase(path, pattern) for pattern in s.patterns)]
    return matching[-1] if matching else ""


def _fields(paragraph: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line.startswith((" ", "\t")):
            fields[name] = fields.get(name, "") + "\n" + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    return fields
