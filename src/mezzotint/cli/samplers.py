"""``mezzotint samplers``: the ways from noise to picture, and the schedules of their steps."""

import json
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(samplers)


def samplers(as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each.")] = False) -> None:
    """List samplers with their usual schedule and options, then schedules."""
    # Only now, so that --help stays quick.
    from mezzotint.diffusion.samplers import SAMPLERS
    from mezzotint.diffusion.schedules import SCHEDULES
    from mezzotint.registry import options

    for name in SAMPLERS:
        sampler = SAMPLERS[name]
        taken = list(options(sampler.run))
        if as_json:
            told = {"sampler": name, "schedule": sampler.schedule, "order": sampler.order, "options": taken}
            typer.echo(json.dumps(told))
        else:
            typer.echo(f"{name:20} {sampler.schedule:14} {', '.join(taken)}".rstrip())
    if as_json:
        for name in SCHEDULES:
            typer.echo(json.dumps({"schedule": name}))
    else:
        typer.echo(f"schedules: {', '.join(SCHEDULES)}")
