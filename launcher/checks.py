"""The checks of this checkout: what ``./mezzotint test`` runs, here, before a commit and in CI."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

STATIC = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["pyright", "--pythonpath", sys.executable],
    "layers": ["lint-imports", "--no-logo"],
}


def main(arguments: list[str]) -> int:
    """Run what the arguments ask for; the exit code comes back.

    None: static checks and fast tests. ``--slow``: the slow tests too. ``--static``: only the static checks.
    Anything else is for pytest, which then runs alone.
    """
    os.environ["PYRIGHT_PYTHON_IGNORE_WARNINGS"] = "1"  # it would look for a newer version of itself
    if arguments == ["--static"]:
        return report(static())
    if arguments and arguments != ["--slow"]:
        return run("pytest", *arguments)
    failed = static()
    if run("pytest", *(["-m", "slow or not slow"] if arguments else [])) != 0:
        failed.append("tests")
    return report(failed)


def static() -> list[str]:
    """Run every check that reads the code without running it; the names of those that failed come back."""
    return [name for name, command in STATIC.items() if timed(name, command) != 0]


def timed(name: str, command: list[str]) -> int:
    """Run one check under its name and say how long it took."""
    since = time.monotonic()
    code = run(*command)
    print(f"{name}: {'ok' if code == 0 else 'failed'} ({time.monotonic() - since:.0f} s)", flush=True)
    return code


def run(program: str, *arguments: str) -> int:
    """Run a program of this environment in the checkout."""
    return subprocess.run([Path(sys.executable).with_name(program), *arguments], cwd=ROOT, check=False).returncode


def report(failed: list[str]) -> int:
    """The exit code for these failures, which are listed; when there are none, pytest's line stays the last."""
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
