"""Makes ``.venv`` in the checkout and installs mezzotint and its pinned dependencies into it.

The launchers run this when the stamp that it leaves does not match what is to be installed. It needs the standard
library only. An install that was cut off is done again from the start: the stamp is written last.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CONSTRAINTS = ROOT / "constraints.txt"
MADE_HERE = VENV / "made-by-mezzotint"  # only an environment with this file in it is ever deleted
UNFINISHED = VENV / "unfinished"  # there while packages are written; left behind by what cuts that off
LOG = VENV / "install.log"

EXTRAS = {"runtime": "", "dev": "[dev]"}
# k-diffusion asks for torchvision, accelerate and wandb at install time; the tests use its samplers, which need none.
WITHOUT_DEPENDENCIES = {"runtime": (), "dev": ("k-diffusion",)}


class InstallError(Exception):
    """The install failed; the message says how and where to read on."""


def main() -> int:
    """Install the set named on the command line; with ``--check`` only say (0 or 1) whether it is there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=EXTRAS)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--root", default=str(ROOT), help="the checkout as the launcher spells it")
    arguments = parser.parse_args()
    wanted = stamp(arguments.root)
    if arguments.check:
        return 0 if is_installed(arguments.what, wanted) else 1
    try:
        with locked(ROOT / ".venv.lock"):
            if not is_installed(arguments.what, wanted):  # nobody else did it while we waited
                install(arguments.what, wanted)
    except InstallError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninstallation stopped; the next call starts it again", file=sys.stderr)
        return 130
    return 0


def stamp(root: str) -> bytes:
    """What an install was made from: the place and the two files that list what goes in."""
    return os.fsencode(root) + b"\n" + CONSTRAINTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()


def is_installed(what: str, wanted: bytes) -> bool:
    """Whether the last install of this set ended well and was made from the same files."""
    path = stamp_path(what)
    return PYTHON.exists() and path.is_file() and path.read_bytes() == wanted


def stamp_path(what: str) -> Path:
    """The file that an install of this set leaves behind when it is complete."""
    return VENV / f"{what}.stamp"


def install(what: str, wanted: bytes) -> None:
    """Make or complete the environment; the stamps disappear first and are written last."""
    since = time.monotonic()
    with Progress(f"setting up {VENV.name}{' for the tests' if what == 'dev' else ''}") as progress:
        if MADE_HERE.exists() and (UNFINISHED.exists() or not PYTHON.exists()):
            remove()  # a half-written package cannot be told from a whole one
        is_new = not PYTHON.exists()
        VENV.mkdir(exist_ok=True)
        UNFINISHED.touch()
        for name in EXTRAS:
            stamp_path(name).unlink(missing_ok=True)
        if is_new:
            MADE_HERE.touch()
            venv.create(VENV, with_pip=True, symlinks=os.name != "nt")
        elif subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
            subprocess.run([PYTHON, "-m", "ensurepip"], capture_output=True, check=True)
        if sys.platform == "linux" and not has_nvidia():
            pip(progress, "--no-deps", cpu_build(), may_fail=True)
        pip(progress, "hatchling", "editables")  # pinned too, so the build is not isolated from them below
        pip(progress, "--no-build-isolation", "--editable", f"{ROOT}{EXTRAS[what]}")
        for name in WITHOUT_DEPENDENCIES[what]:
            pip(progress, "--no-deps", name)
    UNFINISHED.unlink()
    for name in ("runtime", what):
        write_whole(stamp_path(name), wanted)
    print(f"{VENV} is ready ({time.monotonic() - since:.0f} s)", file=sys.stderr)


def remove() -> None:
    """Delete the environment; renamed first, so that one half deleted is never taken for one made by hand."""
    doomed = VENV.with_name(".venv.old")
    shutil.rmtree(doomed, ignore_errors=True)
    VENV.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def has_nvidia() -> bool:
    """Whether there is an NVIDIA driver, the only use for PyTorch's CUDA builds."""
    return any(Path(path).exists() for path in ("/proc/driver/nvidia", "/dev/nvidiactl", "/dev/dxg")) or bool(
        shutil.which("nvidia-smi")
    )


def cpu_build() -> str:
    """The pinned torch as its CPU build, which some indexes offer: a tenth of the download."""
    found = re.search(r"^torch==([0-9.]+)$", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise InstallError(f"{CONSTRAINTS} does not pin torch")
    return f"torch=={found[1]}+cpu"


def pip(progress: Progress, *arguments: str, may_fail: bool = False) -> None:
    """Run ``pip install`` with the pins, each package that it names shown on the progress line."""
    command = [PYTHON, "-m", "pip", "install", "--progress-bar", "off", "--disable-pip-version-check"]
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            [*command, "--constraint", CONSTRAINTS, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        lines = progress.follow(process.stdout, log.write)
    if process.returncode != 0 and not may_fail:
        UNFINISHED.unlink()  # pip gave up by itself and took back what it had begun
        said = [line.strip() for line in lines if line.startswith("ERROR")] or [line.strip() for line in lines[-3:]]
        raise InstallError(f"pip could not install {arguments[-1]}: {' '.join(said)}\nAll it said is in {LOG}")


class Progress:
    """One line on stderr that says what is being fetched; two lines in all where stderr is no terminal."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.is_live = sys.stderr.isatty()
        self.since = time.monotonic()

    def __enter__(self) -> Progress:
        print(f"{self.title} ...", file=sys.stderr, end="" if self.is_live else "\n", flush=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_live:
            print("\r\033[K", file=sys.stderr, end="", flush=True)

    def follow(self, lines: Iterable[str], log: Callable[[str], object]) -> list[str]:
        """Read pip's output to its end, showing what it is about, and return it."""
        kept: list[str] = []
        for line in lines:
            log(line)
            kept.append(line)
            if self.is_live and (doing := _doing(line)):
                shown = f"{self.title} {time.monotonic() - self.since:.0f} s  {doing}"
                print(f"\r\033[K{shown[:78]}", file=sys.stderr, end="", flush=True)
        return kept


def _doing(line: str) -> str:
    """What pip says in this line that a person wants to see: "downloading torch"."""
    verb, _, rest = line.strip().partition(" ")
    if verb == "Installing":
        return "installing packages"
    if verb not in ("Collecting", "Downloading", "Building") or not rest:
        return ""
    file = rest.split()[0].rpartition("/")[2]
    return f"{verb.lower()} {re.split('[-=<>;[]', file)[0]}"


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold a lock that ends with this process, so that two first calls do not install into each other."""
    with path.open("a+b") as file:
        if os.name == "nt":
            import msvcrt

            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # waits ten seconds, then raises
                    break
                except OSError:
                    continue
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is either not there or complete."""
    beside = path.with_suffix(".part")
    beside.write_bytes(content)
    beside.replace(path)


if __name__ == "__main__":
    sys.exit(main())
