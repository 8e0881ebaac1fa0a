"""The recipe's commands: build, verify, sheet, sources, attribution."""

import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table

from mezzotint.errors import MezzotintError
from recipes.mezzo import sink
from recipes.mezzo.attribution import attribution as attribution_text
from recipes.mezzo.build import build as build_sources
from recipes.mezzo.sheet import contact_sheet
from recipes.mezzo.sources import SOURCES
from recipes.mezzo.verify import Tolerance, compare

app = typer.Typer(help="The captioned sprites that the embedded model learns from.", no_args_is_help=True)
console = Console()

_DEFAULT_CACHE = Path.home() / ".cache" / "mezzotint-recipes"
_ATTRIBUTION = Path(__file__).with_name("ATTRIBUTION.md")

Cache = Annotated[Path, typer.Option(help="Folder for downloads (269 MB) and what they unpack to (1.2 GB).")]
Folder = Annotated[Path, typer.Argument(help="A folder of built sources.")]
Names = Annotated[list[str] | None, typer.Option("--source", "-s", help="A source by name; all of them if not given.")]


@app.command()
def build(
    out: Annotated[Path, typer.Option(help="Folder to write NAME.bin, NAME.jsonl and NAME.info into.")],
    cache: Cache = _DEFAULT_CACHE,
    sources: Names = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only this many pictures of each source: a quick check.")
    ] = None,
    again: Annotated[bool, typer.Option(help="Build complete sources anew as well.")] = False,
) -> None:
    """Fetch the packages and build the sprites; goes on where an interrupted build was."""
    logging.basicConfig(
        level=logging.INFO, format="%(message)s", handlers=[RichHandler(console=console, show_path=False)]
    )
    try:
        build_sources(sources or [], out, cache, limit=limit, again=again)
    except MezzotintError as error:
        console.print(f"[red]{error}[/red]" + (f"\n{error.hint}" if error.hint else ""))
        raise typer.Exit(1) from error


@app.command()
def verify(
    ours: Folder,
    reference: Folder,
    sources: Names = None,
    most: Annotated[int, typer.Option(min=1, help="Pictures to compare in each source.")] = 200,
) -> None:
    """Compare a build with a reference set in kind; fails if a source is out of tolerance."""
    table = Table(
        "source", "sprites", "reference", "labels shared", "same pictures", "apart", "redrawn", "apart", "verdict"
    )
    is_alike = True
    for name in sources or sink.names(reference):
        if sink.totals(ours, name) is None:
            table.add_row(name, "missing", *[""] * 6)
            is_alike = False
            continue
        found = compare(ours, reference, name, most=most)
        faults = found.faults(Tolerance())
        is_alike = is_alike and not faults
        table.add_row(
            name,
            f"{found.ours}{' (sample)' if found.is_sample else ''}",
            str(found.theirs),
            f"{found.label_overlap:.0%}",
            str(found.same),
            _number(found.same_apart),
            str(found.redrawn),
            _number(found.redrawn_apart),
            "; ".join(faults) or "alike",
        )
    console.print(table)
    if not is_alike:
        raise typer.Exit(1)


@app.command()
def sheet(folder: Folder, out: Path, sources: Names = None, each: int = 12) -> None:
    """Write a contact sheet of a built set as a picture."""
    contact_sheet(folder, sources or sink.names(folder), each=each).save(out)
    console.print(f"wrote {out}")


@app.command("sources")
def list_sources() -> None:
    """List the sources with licence and author."""
    table = Table("source", "style", "licence", "author")
    for source in SOURCES.values():
        table.add_row(source.name, source.style, source.licence, source.author)
    console.print(table)


@app.command()
def attribution(out: Path = _ATTRIBUTION) -> None:
    """Write ATTRIBUTION.md."""
    out.write_text(attribution_text(), encoding="utf-8")
    console.print(f"wrote {out}")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
