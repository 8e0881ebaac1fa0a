"""Wildcards: lists of words that a prompt draws from by ``__name__``, from text, YAML and JSON files of a folder."""

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import cast

import yaml

log = logging.getLogger(__name__)

_LARGEST_BYTES = 32 * 1024 * 1024
_MOST_VALUES = 200_000  # of one file; aliases in YAML can stand for more than memory holds
_COMMENT = re.compile(r"(?:^|\s)#.*")
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # both make nothing but text, lists and mappings


class Wildcards:
    """Values by name; names may have folders, ``colours/warm``. Text files are read when a prompt names them."""

    def __init__(self, lists: Mapping[str, Sequence[str] | Path] | None = None) -> None:
        """``lists`` are values by name, or the text file that holds them, one a line."""
        self._lists = dict(lists or {})

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._lists)

    def find(self, pattern: str) -> list[str]:
        """The values of every name that fits, names sorted, each with its weight as written; none if none fits.

        In a pattern ``*`` is any letters, slashes too, and ``?`` any one.
        """
        pattern = pattern.strip()
        if not re.search("[*?]", pattern):
            return list(self._values(pattern)) if pattern in self._lists else []
        return [value for name in self.names() if fnmatchcase(name, pattern) for value in self._values(name)]

    def _values(self, name: str) -> Sequence[str]:
        source = self._lists[name]
        if isinstance(source, Path):
            source = self._lists[name] = _lines(source)
        return source


def read_wildcards(folder: Path) -> Wildcards:
    """The wildcards of a folder and those below it, of which there are none if it does not exist.

    ``a/b.txt`` is ``a/b``. Lists in ``a/c.yaml`` and ``a/d.json`` are named by folder and keys, ``a/key/key``, or like
    the file if that is a list as a whole. A file that cannot be read is left aside with a warning.
    """
    lists: dict[str, Sequence[str] | Path] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        match path.suffix.lower():
            case ".txt" if path.is_file():
                lists[name] = path
            case ".yaml" | ".yml" | ".json" if path.is_file():
                lists |= _structured(path, name)
            case _:
                pass
    return Wildcards(lists)


def _lines(path: Path) -> list[str]:
    """Lines that hold something, comments aside."""
    lines = (_COMMENT.sub("", line).strip() for line in _text(path).splitlines())
    return [line for line in lines if line]


def _text(path: Path) -> str:
    try:
        if path.stat().st_size <= _LARGEST_BYTES:
            return path.read_bytes().decode("utf-8-sig", errors="replace")
        reason = f"it is larger than {_LARGEST_BYTES >> 20} MB"
    except OSError as error:
        reason = error.strerror
    log.warning("wildcard file %s is left aside: %s", path, reason)
    return ""


def _structured(path: Path, name: str) -> dict[str, list[str]]:
    folder = name.rpartition("/")[0]
    lists: dict[str, list[str]] = {}
    try:
        text = _text(path)
        tree: object = json.loads(text or "{}") if path.suffix.lower() == ".json" else _LOADER(text).get_single_data()
        for count, (keys, value) in enumerate(_leaves(tree)):
            if count == _MOST_VALUES:
                raise ValueError(f"it has more than {_MOST_VALUES} values")
            lists.setdefault("/".join((*filter(None, [folder]), *keys)) if keys else name, []).append(value)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        log.warning("wildcard file %s is left aside: %s", path, error)
        return {}
    return lists


def _leaves(node: object, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every value with the keys that lead to it."""
    if isinstance(node, dict):
        for key, value in cast(dict[object, object], node).items():  # what these hold is checked when it is reached
            yield from _leaves(value, (*keys, str(key)))
    elif isinstance(node, list):
        for value in cast(list[object], node):
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                yield keys, str(value)
    elif isinstance(node, str) and keys:
        yield keys, node
