"""``mezzotint txt2img``: pictures from words."""

import typer

from mezzotint.cli import flags


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(txt2img)


def txt2img(
    prompts: flags.Prompts,
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
    """Draw what the words say."""
    from mezzotint.cli.making import Showing, make  # only now, so that --help stays quick

    fields = {
        "negative": negative, "model": model, "seed": seed, "steps": steps, "sampler": sampler, "scheduler": scheduler,
        "cfg_scale": cfg, "width": width, "height": height, "count": count, "clip_skip": clip_skip,
    }  # fmt: skip
    showing = Showing(as_json=as_json, previews=preview, pictures=show, grid=grid)
    raise typer.Exit(make(prompts, fields, output=output, device=device, showing=showing))
