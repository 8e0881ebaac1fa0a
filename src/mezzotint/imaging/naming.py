"""Names for picture files: the next free number in a folder, and what a file system allows."""

import re
from pathlib import Path

_NUMBER = re.compile(r"(\d+)(?!\d)")
_FORBIDDEN = re.compile(r'[#<>:"/\\|?*\n\r\t]')
_LONGEST = 128


def next_number(folder: Path, *, basename: str = "") -> int:
    """One more than the largest number that leads a name in ``folder`` (after ``basename-`` if given), from 0."""
    prefix = f"{basename}-" if basename else ""
    names = (entry.name for entry in folder.iterdir()) if folder.is_dir() else ()
    numbers = (_NUMBER.match(name.removeprefix(prefix)) for name in names if name.startswith(prefix))
    return max((int(number[1]) for number in numbers if number), default=-1) + 1


def picture_path(folder: Path, decoration: object, *, suffix: str = ".png") -> Path:
    """The next free ``00012-decoration.png`` in ``folder``."""
    return folder / f"{next_number(folder):05d}-{sanitised(str(decoration))}{suffix}"


def grid_path(folder: Path, *, suffix: str = ".png") -> Path:
    """The next free ``grid-0003.png`` in ``folder``."""
    return folder / f"grid-{next_number(folder, basename='grid'):04d}{suffix}"


def numbered(path: Path, number: int) -> Path:
    """``a-1.png`` for ``a.png``."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def sanitised(name: str) -> str:
    """The name with what no file system takes as ``_``, at most 128 characters."""
    return _FORBIDDEN.sub("_", name).lstrip(" ")[:_LONGEST].rstrip(" .")
