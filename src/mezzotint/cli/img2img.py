"""``mezzotint img2img``: pictures from words and a picture to start from."""

from pathlib import Path
from typing import Annotated

import typer

from mezzotint.cli import flags


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(img2img)


def img2img(
    prompts: flags.Prompts,
    init: Annotated[Path, typer.Option(metavar="FILE", help="The picture to start from.")],
    strength: Annotated[float | None, typer.Option(help="How far to leave it, 0 to 1; 0.75 if left out.")] = None,
    fit: Annotated[
        str | None, typer.Option(metavar="crop|fill|stretch", help="How it takes the size; crop if left out.")
    ] = None,
    negative: flags.Negative = None,
    model: flags.Model = None,
    seed: flags.Seed = None,
    steps: flags.Steps = None,
    sampler: flags.Sampler = None,
    scheduler: flags.Scheduler = None,
    cfg: flags.Cfg = None,
    width: flags.Width = None,
    height: flags.Height = None,
    count: flags.Count = None,
    clip_skip: flags.ClipSkip = None,
    output: flags.Output = None,
    device: flags.Device = None,
    as_json: flags.AsJson = False,
    preview: flags.Preview = False,
    show: flags.Show = True,
    grid: flags.Grid = None,
) -> None:
    """Redraw a picture as the words say."""
    from mezzotint.cli.making import Showing, make  # only now, so that --help stays quick

    start = {"picture": init, "strength": strength, "fit": fit}
    fields = {
        "negative": negative, "model": model, "seed": seed, "steps": steps, "sampler": sampler, "scheduler": scheduler,
        "cfg_scale": cfg, "width": width, "height": height, "count": count, "clip_skip": clip_skip,
        "init": {name: value for name, value in start.items() if value is not None},
    }  # fmt: skip
    showing = Showing(as_json=as_json, previews=preview, pictures=show, grid=grid)
    raise typer.Exit(make(prompts, fields, output=output, device=device, showing=showing))
