"""The command line: one file per command, listed here in the order of ``--help``."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    import typer

COMMANDS: Registry["Callable[[typer.Typer], None]"] = Registry(
    "command",
    {
        "txt2img": "mezzotint.cli.txt2img:register",
        "img2img": "mezzotint.cli.img2img:register",
        "again": "mezzotint.cli.again:register",
        "png-info": "mezzotint.cli.png_info:register",
        "samplers": "mezzotint.cli.samplers:register",
        "models": "mezzotint.cli.models:register",
        "train": "mezzotint.cli.train:register",
        "judge": "mezzotint.cli.judge:register",
        "test": "mezzotint.cli.test:register",
    },
    group="mezzotint.commands",
)
"""Functions that add a command to the application."""
