"""``mezzotint test``: the checks and tests of this checkout."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from mezzotint.errors import RequestError, ResourceError


def register(app: typer.Typer) -> None:
    """Add the command, which passes on every flag but --help."""
    app.command(context_settings={"ignore_unknown_options": True})(test)


def test(
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Flags and files for the checks, or for pytest.")
    ] = None,
) -> None:
    """Run the checks and fast tests; --slow adds slow ones, --static leaves tests out, others go to pytest."""
    checks = Path(__file__).resolve().parents[3] / "launcher" / "checks.py"
    if not checks.is_file():
        raise RequestError("the tests are not part of an installed mezzotint", hint="run this in a checkout")
    if importlib.util.find_spec("pytest") is None:
        raise ResourceError("pytest is not installed here", hint="run ./mezzotint test, which installs it")
    raise typer.Exit(subprocess.run([sys.executable, str(checks), *(arguments or [])], check=False).returncode)
