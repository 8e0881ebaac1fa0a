"""``mezzotint again``: a picture made again, or a little differently, from what its file tells."""

from pathlib import Path
from typing import Annotated

import typer

from mezzotint.cli import flags


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(again)


def again(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A picture, or a .txt file of A1111.")],
    init: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its start picture; the kept one if left out.")
    ] = None,
    mask: Annotated[Path | None, typer.Option(metavar="FILE", help="Its mask; the kept one if left out.")] = None,
    assign: flags.Set = None,
    dry_run: flags.DryRun = False,
    output: flags.Output = None,
    device: flags.Device = None,
    as_json: flags.AsJson = False,
    preview: flags.Preview = False,
    show: flags.Show = True,
    grid: flags.Grid = None,
) -> None:
    """Make a picture again from what its file tells."""
    # Only now, so that --help stays quick.
    import os

    from mezzotint.cli.making import Showing, make
    from mezzotint.contract.infotext import parse_infotext
    from mezzotint.errors import require
    from mezzotint.imaging.files import read_infotext
    from mezzotint.imaging.kept import restored_with_kept
    from mezzotint.settings import read_settings

    text = read_infotext(file)
    require(bool(text), f"{file} does not say how it was made", hint="sites that resize pictures often remove it")
    folder = read_settings(os.environ).kept_pictures
    restored = restored_with_kept(parse_infotext(text), folder, init=init, mask=mask)
    fields = restored.request.model_dump(exclude_defaults=True)
    showing = Showing(as_json=as_json, previews=preview, pictures=show, grid=grid, only_plan=dry_run)
    code = make(
        None, fields, output=output, device=device, showing=showing, assigned=assign or (), warnings=restored.warnings
    )
    raise typer.Exit(code)
