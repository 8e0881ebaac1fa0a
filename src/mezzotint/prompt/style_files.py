"""Style files: the tables of styles that A1111 keeps in ``styles.csv``, read and written."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import copyfile

from mezzotint.errors import DamagedFile, ResourceError, require
from mezzotint.prompt.styles import Style

_COLUMNS = ("name", "prompt", "negative_prompt")
_DIVIDER_WIDTH = 40


def read_styles(path: Path) -> list[Style]:
    """The styles of one file in order, those aside whose name is empty or begins with ``#``.

    The old columns ``name,text`` are read too. Raises DamagedFile for a file that is no table of styles, ResourceError
    for one that cannot be opened.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True, restval=""))
    except OSError as error:
        raise ResourceError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DamagedFile(f"cannot read {path}: {error}", hint="it is a CSV file in UTF-8") from error
    if rows and "name" not in rows[0]:
        raise DamagedFile(f"{path} has no column 'name'", hint=f"its first line is {','.join(_COLUMNS)}")
    return [
        Style(row["name"], row.get("prompt", row.get("text", "")), row.get("negative_prompt", ""))
        for row in rows
        if row["name"] and not row["name"].startswith("#")
    ]


def list_styles(paths: Sequence[Path]) -> list[Style]:
    """The styles of several files, each file's behind a divider that holds nothing; a name's last style counts.

    Raises what `read_styles` does.
    """
    styles: dict[str, Style] = {}
    for path in paths:
        if len(paths) > 1:
            divider = divider_of(path)
            styles[divider] = Style(divider)
        styles |= {style.name: style for style in read_styles(path)}
    return list(styles.values())


def divider_of(path: Path) -> str:
    """The entry that stands above a file's styles in a list of several files' styles."""
    return path.stem.upper().center(_DIVIDER_WIDTH, "-")


def write_styles(path: Path, styles: Iterable[Style]) -> None:
    """Put these styles in the place of the file's, whole or not at all; what it had is kept as ``NAME.bak``.

    Raises RequestError for a name that would not be read again, ResourceError if the disk refuses.
    """
    rows: list[tuple[str, ...]] = [_COLUMNS]
    for style in styles:
        require(
            bool(style.name.strip()) and not style.name.startswith("#"),
            f"a style cannot be called {style.name!r}",
            hint="a name is not empty and does not begin with '#', which marks a comment",
        )
        rows.append((style.name, style.prompt, style.negative))
    data = "".join(",".join(map(_quoted, row)) + "\r\n" for row in rows).encode("utf-8-sig", errors="replace")
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            copyfile(path, path.with_name(path.name + ".bak"))
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise ResourceError(f"cannot write {path}: {error.strerror}") from error


def _quoted(field: str) -> str:
    """As the csv module writes it, but a blank in front, which readers skip, is kept as well."""
    if field[:1].isspace() or any(letter in field for letter in ',"\r\n'):
        return '"' + field.replace('"', '""') + '"'
    return field
