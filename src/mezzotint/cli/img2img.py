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
        str | None, typer.Option(metavar="crop|fill|stretch|latent", help="How it takes the size; crop if left out.")
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
    vae: flags.Vae = None,
    style: flags.Style = None,
    subseed: flags.Subseed = None,
    variation: flags.Variation = None,
    tiling: flags.Tiling = False,
    refiner: flags.Refiner = None,
    refiner_at: flags.RefinerAt = None,
    mask: Annotated[Path | None, typer.Option(metavar="FILE", help="White where to repaint the picture.")] = None,
    mask_blur: Annotated[int | None, typer.Option(help="Softness of its edge in pixels; 4 if left out.")] = None,
    fill: Annotated[
        str | None,
        typer.Option(metavar="fill|original|latent noise|latent nothing", help="What lies under it at the start."),
    ] = None,
    only_masked: Annotated[bool, typer.Option("--only-masked", help="Work on the mask's surroundings alone.")] = False,
    padding: Annotated[int | None, typer.Option(help="Pixels around the mask to work on; 32 if left out.")] = None,
    invert_mask: Annotated[bool, typer.Option("--invert-mask", help="Repaint what is black in it.")] = False,
    soft: Annotated[bool, typer.Option("--soft", help="Let the edge follow what has changed.")] = False,
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
    """Redraw a picture as the words say."""
    from mezzotint.cli.making import Showing, make, part  # only now, so that --help stays quick

    hole = None
    if mask is not None:
        area = "only masked" if only_masked else None
        hole = part(picture=mask, blur_x=mask_blur, blur_y=mask_blur, fill=fill, area=area, padding=padding)
        hole |= part(invert=invert_mask or None, soft={} if soft else None)
    fields = {
        "negative": negative, "model": model, "seed": seed, "steps": steps, "sampler": sampler, "scheduler": scheduler,
        "cfg_scale": cfg, "width": width, "height": height, "count": count, "clip_skip": clip_skip,
        "vae": vae, "styles": style, "subseed": subseed, "subseed_strength": variation,
        "tiling_x": tiling or None, "tiling_y": tiling or None,
        "output": part(format=file_format, quality=quality, lossless=lossless or None) or None,
        "refiner": part(model=refiner, switch_at=refiner_at) if refiner else None,
        "mask": hole,
        "init": part(picture=init, strength=strength, fit=fit),
    }  # fmt: skip
    showing = Showing(as_json=as_json, previews=preview, pictures=show, grid=grid, only_plan=dry_run)
    raise typer.Exit(make(prompts, fields, output=output, device=device, showing=showing, assigned=assign or ()))
