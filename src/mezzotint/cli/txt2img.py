"""``mezzotint txt2img``: pictures from words."""

from typing import Annotated

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
    vae: flags.Vae = None,
    style: flags.Style = None,
    subseed: flags.Subseed = None,
    variation: flags.Variation = None,
    tiling: flags.Tiling = False,
    refiner: flags.Refiner = None,
    refiner_at: flags.RefinerAt = None,
    hires: Annotated[float | None, typer.Option(help="Enlarge so many times and draw a second pass over it.")] = None,
    hires_upscaler: Annotated[str | None, typer.Option(help="What enlarges; Latent if left out.")] = None,
    hires_strength: Annotated[float | None, typer.Option(help="How far the second pass leaves it, 0 to 1.")] = None,
    hires_steps: Annotated[int | None, typer.Option(help="Steps of the second pass; as the first if left out.")] = None,
    assign: flags.Set = None,
    dry_run: flags.DryRun = False,
    output: flags.Output = None,
    file_format: flags.Format = None,
    quality: flags.Quality = None,
    lossless: flags.Lossless = False,
    device: flags.Device = None,
    as_json: flags.AsJson = False,
    preview: flags.Preview = False,
    show: flags.Show = True,
    grid: flags.Grid = None,
) -> None:
    """Draw what the words say."""
    from mezzotint.cli.making import Showing, make, part  # only now, so that --help stays quick

    fields = {
        "negative": negative, "model": model, "seed": seed, "steps": steps, "sampler": sampler, "scheduler": scheduler,
        "cfg_scale": cfg, "width": width, "height": height, "count": count, "clip_skip": clip_skip,
        "vae": vae, "styles": style, "subseed": subseed, "subseed_strength": variation,
        "tiling_x": tiling or None, "tiling_y": tiling or None,
        "output": part(format=file_format, quality=quality, lossless=lossless or None) or None,
        "refiner": part(model=refiner, switch_at=refiner_at) if refiner else None,
        "hires": part(scale=hires, upscaler=hires_upscaler, strength=hires_strength, steps=hires_steps) or None,
    }  # fmt: skip
    showing = Showing(as_json=as_json, previews=preview, pictures=show, grid=grid, only_plan=dry_run)
    raise typer.Exit(make(prompts, fields, output=output, device=device, showing=showing, assigned=assign or ()))
