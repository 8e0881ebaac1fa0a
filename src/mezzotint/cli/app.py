"""The ``mezzotint`` command: puts the commands together and turns errors into one line and an exit code."""

import logging
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from mezzotint import __version__
from mezzotint.cli import COMMANDS
from mezzotint.cli.exits import exit_code, one_line
from mezzotint.errors import MezzotintError, PluginError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line (``sys.argv`` by default) and exit."""
    try:
        application()(args=None if arguments is None else list(arguments), prog_name="mezzotint")
    except MezzotintError as error:
        sys.stderr.write(f"error: {one_line(error)}\n")
        sys.exit(exit_code(error))


def application() -> typer.Typer:
    """All commands; another package's that does not load is named on stderr and left out."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_mezzotint)
    for name in COMMANDS:
        try:
            COMMANDS[name](app)
        except PluginError as error:
            sys.stderr.write(f"warning: {one_line(error)}\n")
    return app


def _show_version(is_wanted: bool) -> bool:
    if is_wanted:
        typer.echo(f"mezzotint {__version__}")
        raise typer.Exit
    return is_wanted


def _mezzotint(
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Log more; twice for everything.")] = 0,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Make pictures from words."""
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
