"""``mezzotint models``: what there is to draw with."""

import json
import os
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="What there is to draw with.")
    group.command("list")(list_models)
    app.add_typer(group, name="models")


def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for every model.")] = False,
) -> None:
    """List the models that --model takes: name, kind, size on disk, file."""
    # Only now, so that --help stays quick.
    from mezzotint.engine.catalog import Catalog
    from mezzotint.engine.loading import family_of
    from mezzotint.errors import ModelFileError
    from mezzotint.settings import read_settings

    settings = read_settings(os.environ)
    for entry in Catalog(settings.home).entries():
        size_mb = entry.path.stat().st_size / 1e6
        family, problem = None, ""
        try:
            family = family_of(entry.path).name
        except ModelFileError as error:  # one bad file hides no others
            problem = error.message
        if as_json:
            told = {"name": entry.name, "family": family, "megabytes": round(size_mb, 1), "path": str(entry.path)}
            typer.echo(json.dumps({**told, "is_embedded": entry.is_embedded, "problem": problem}, ensure_ascii=False))
        else:
            place = "in the package" if entry.is_embedded else str(entry.path)
            typer.echo(f"{entry.name}  {family or 'unusable'}  {size_mb:,.0f} MB  {problem or place}")
    if not as_json:
        typer.echo(f"put more into {settings.models / 'Stable-diffusion'}")
