"""Names for picture files: numbers that no two processes share, and what a file system allows."""

import os
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from mezzotint.errors import ResourceError

LONGEST_PART = 128  # characters
_LONGEST_NAME = 255  # bytes: what common file systems take
_FORBIDDEN = re.compile(r'[#<>:"/\\|?*\n\r\t\0]')
_FORBIDDEN_ON_UNIX = re.compile(r"[/\0]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.IGNORECASE)  # no name for a file on Windows


def next_number(folder: Path, *, basename: str = "") -> int:
    """One more than the largest number that leads a name in ``folder`` (after ``basename-`` if given), from 0."""
    prefix = f"{basename}-" if basename else ""
    names = (entry.name for entry in folder.iterdir()) if folder.is_dir() else ()
    leading = (Path(name.removeprefix(prefix)).stem.partition("-")[0] for name in names if name.startswith(prefix))
    return max((int(number) for number in leading if re.fullmatch(r"\d{1,18}", number)), default=-1) + 1


@contextmanager
def claimed_number(folder: Path, *, basename: str = "") -> Generator[int, None, None]:
    """The next free number, which is nobody else's while the block runs: write the file in there.

    Other processes, also on other machines that share the folder, get other numbers. Raises ResourceError if the folder
    cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number, claim = _claim(folder, basename)
    except OSError as error:
        raise ResourceError(f"cannot write in {folder}: {error.strerror}", hint="choose another folder") from error
    try:
        yield number
    finally:
        with suppress(OSError):
            claim.unlink()


@contextmanager
def claimed_path(
    folder: Path, decoration: str = "", *, basename: str = "", suffix: str = ".png"
) -> Generator[Path, None, None]:
    """The next free ``00012-decoration.png`` or ``basename-0012.png`` in ``folder``, claimed in the block."""
    with claimed_number(folder, basename=basename) as number:
        yield folder / (picture_name(number, sanitised(decoration), basename=basename) + suffix)


def picture_name(number: int | None, decoration: str = "", *, basename: str = "", variant: str = "") -> str:
    """``00012-decoration``, or ``basename-0012-decoration``, then ``-variant`` (such as ``mask``); without ending.

    The number is left out if None. What is too long for a file's name is cut from the decoration.
    """
    digits = "" if number is None else f"{number:04d}" if basename else f"{number:05d}"
    ending = f"-{variant}" if variant else ""
    room = _LONGEST_NAME - len(f"{basename}-{digits}-{ending}.webp".encode())
    shortened = decoration.encode()[: max(room, 0)].decode(errors="ignore").rstrip(" .")
    return _no_device("-".join(filter(None, (basename, digits, shortened))) + ending)


def numbered(path: Path, number: int) -> Path:
    """``a-1.png`` for ``a.png``."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def sanitised(name: str, *, longest: int = LONGEST_PART, for_unix: bool = False) -> str:
    """The name with what no file system takes as ``_``, at most ``longest`` characters. ``for_unix`` keeps more."""
    allowed = (_FORBIDDEN_ON_UNIX if for_unix else _FORBIDDEN).sub("_", name)
    return allowed.lstrip(" ")[:longest].rstrip(" .")


def subfolder(name: str, *, for_unix: bool = False) -> Path:
    """A relative path below an output folder, never above it: ``/`` (and ``\\``) divide it, each part is sanitised."""
    parts = (sanitised(part, for_unix=for_unix) for part in re.split("/" if for_unix else r"[/\\]", name))
    return Path(*(_no_device(part) for part in parts if part))


def _no_device(name: str) -> str:
    return f"_{name}" if _DEVICE.match(name) else name


def _claim(folder: Path, basename: str) -> tuple[int, Path]:
    """A number, and the file that holds the claim to it.

    A claim left by a process that died costs no more than its number.
    """
    number = next_number(folder, basename=basename)
    while True:
        claim = folder / f".{basename}-{number}.claim"
        try:
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            number += 1
            continue
        except PermissionError:
            if sys.platform != "win32" or not claim.exists():
                raise
            number += 1  # Windows says so of a claim that is just being given up
            continue
        free = next_number(folder, basename=basename)
        if free <= number:  # nobody wrote a file of this number between the look and the claim
            return number, claim
        claim.unlink()
        number = free
