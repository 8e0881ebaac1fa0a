"""``mezzotint models``: what there is to draw with."""

import json
import os
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="What there is to draw with.")
    group.command("list")(list_models)
    group.command("inspect")(inspect_model)
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
        files = [entry.path] if entry.path.is_file() else [file for file in entry.path.rglob("*") if file.is_file()]
        size_mb = sum(file.stat().st_size for file in files) / 1e6
        family, problem = None, ""
        try:
            family = family_of(entry.path).full_name
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


def inspect_model(
    name: Annotated[str, typer.Argument(help="A model's name or file.")],
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Tell a model's family, what it predicts, its hashes and the precision of its weights."""
    # Only now, so that --help stays quick.
    from collections import Counter

    from mezzotint.engine.catalog import Catalog
    from mezzotint.engine.loading import family_of
    from mezzotint.settings import read_settings
    from mezzotint.weights.hashes import legacy_hash, remembered_sha256, short_hash
    from mezzotint.weights.opening import open_checkpoint

    settings = read_settings(os.environ)
    entry = Catalog(settings.home).find(name)
    header, family = open_checkpoint(entry.path).header, family_of(entry.path)
    kinds = Counter(str(kind.dtype).removeprefix("torch.") for kind in header.entries.values())
    digest = remembered_sha256(entry.path, settings.home / "cache" / "hashes.sqlite")
    told = {
        "name": entry.name,
        "family": family.full_name,
        "predicts": family.noise_process.predicts,
        "native_px": family.native_px,
        "tensors": len(header.entries),
        "precision": ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common()),
        "sha256": digest,
        "hash": short_hash(digest),
        "legacy_hash": legacy_hash(entry.path),
        "path": str(entry.path),
    }
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for key, value in told.items():
        typer.echo(f"{key:12} {value}")
