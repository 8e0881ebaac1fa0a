"""``mezzotint models``: what there is to draw with."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from mezzotint.engine.catalog import Catalog


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="What there is to draw with.")
    group.command("list")(list_models)
    group.command("inspect")(inspect_model)
    app.add_typer(group, name="models")


def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for every model.")] = False,
) -> None:
    """List the models that --model takes, then the upscalers: name, kind, size on disk, file."""
    # Only now, so that --help stays quick.
    from mezzotint.engine.catalog import Catalog
    from mezzotint.settings import read_settings

    catalog = Catalog(read_settings(os.environ).home)
    for told in [*_checkpoints(catalog), *_upscalers(catalog)]:
        if as_json:
            typer.echo(json.dumps(told, ensure_ascii=False))
            continue
        what = f"upscaler {told['scale']}x" if told["kind"] == "upscaler" else told["family"]
        place = "in the package" if told["is_embedded"] else told["path"]
        usable = "unusable" if told["problem"] else what
        typer.echo(f"{told['name']}  {usable}  {told['megabytes']:,.0f} MB  {told['problem'] or place}")
    if not as_json:
        typer.echo(f"put more into {catalog.folder}, upscalers into {catalog.upscaler_folders[0]}")


def _checkpoints(catalog: "Catalog") -> Iterator[dict[str, Any]]:  # Any: JSON
    from mezzotint.engine.loading import family_of
    from mezzotint.errors import ModelFileError

    for entry in catalog.entries():
        family, problem = None, ""
        try:
            family = family_of(entry.path).full_name
        except ModelFileError as error:  # one bad file hides no others
            problem = error.message
        told = {"name": entry.name, "kind": "checkpoint", "family": family}
        yield told | _file(entry.path, is_embedded=entry.is_embedded, problem=problem)


def _upscalers(catalog: "Catalog") -> Iterator[dict[str, Any]]:  # Any: JSON
    from mezzotint.errors import ModelFileError
    from mezzotint.upscalers import UPSCALERS
    from mezzotint.upscalers.files import upscaler_in

    for upscaler in (UPSCALERS[name] for name in UPSCALERS):
        if upscaler.weights is not None:
            told = {"name": upscaler.name, "kind": "upscaler", "scale": upscaler.scale}
            yield told | _file(upscaler.weights, is_embedded=True)
    for entry in catalog.upscalers():
        scale, problem = None, ""
        try:
            scale = upscaler_in(entry.path, entry.stem).scale
        except ModelFileError as error:
            problem = error.message
        yield {"name": entry.stem, "kind": "upscaler", "scale": scale} | _file(entry.path, problem=problem)


def _file(path: Path, *, is_embedded: bool = False, problem: str = "") -> dict[str, Any]:  # Any: JSON
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    megabytes = round(sum(file.stat().st_size for file in files) / 1e6, 1)
    return {"megabytes": megabytes, "path": str(path), "is_embedded": is_embedded, "problem": problem}


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
