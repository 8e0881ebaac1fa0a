"""Flags that txt2img and img2img have in common."""

from typing import Annotated

import typer

Prompts = Annotated[list[str], typer.Argument(metavar="PROMPT", help="What to draw; '-' reads lines from stdin.")]
Negative = Annotated[str | None, typer.Option(help="What to keep out of the picture.")]
Model = Annotated[str | None, typer.Option(help="A model's name or file; the embedded model if left out.")]
Seed = Annotated[int | None, typer.Option(help="Number the noise comes from; -1 draws one.")]
Steps = Annotated[int | None, typer.Option(help="Sampling steps, 1 to 150; the model's own if left out.")]
Sampler = Annotated[str | None, typer.Option(help="Such as 'Euler a' or 'DPM++ 2M'; the model's own if left out.")]
Scheduler = Annotated[str | None, typer.Option(help="Noise levels, such as Karras; the sampler's own if left out.")]
Cfg = Annotated[
    float | None, typer.Option("--cfg", help="How closely to follow the prompt, 0 to 100; the model's own if left out.")
]
Width = Annotated[int | None, typer.Option(help="Pixels, a multiple of 8; the model's own size if left out.")]
Height = Annotated[int | None, typer.Option(help="Pixels, a multiple of 8; the model's own size if left out.")]
Count = Annotated[int | None, typer.Option(help="Pictures per prompt, with consecutive seeds.")]
ClipSkip = Annotated[int | None, typer.Option(help="Text encoder layer counted from the last; 1 is the last.")]
Output = Annotated[
    str | None, typer.Option("--output", "-o", help="A picture file, or a folder; see outputs/ if left out.")
]
Format = Annotated[
    str | None, typer.Option("--format", metavar="png|jpeg|webp|avif", help="Of the files; png if left out.")
]
Quality = Annotated[int | None, typer.Option(help="Of JPEG, WebP and AVIF, 1 to 100; 80 if left out.")]
Lossless = Annotated[bool, typer.Option("--lossless", help="WebP that keeps every pixel.")]
Device = Annotated[str | None, typer.Option(metavar="auto|cpu|cuda|mps", help="What computes; auto if left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON for every event and picture.")]
Preview = Annotated[bool, typer.Option("--preview", help="Show the picture while it comes into being.")]
Show = Annotated[bool, typer.Option("--show/--no-show", help="Draw finished pictures in a terminal that can.")]
Grid = Annotated[bool | None, typer.Option("--grid/--no-grid", help="Write a contact sheet of several pictures too.")]
Vae = Annotated[str | None, typer.Option(help="Another autoencoder's name or file; None is the model's own.")]
Style = Annotated[list[str] | None, typer.Option(help="A saved style from styles.csv; may be given several times.")]
Subseed = Annotated[int | None, typer.Option(help="Seed of the noise to move towards; -1 draws one.")]
Variation = Annotated[float | None, typer.Option(help="How far to move towards it, 0 to 1.")]
Tiling = Annotated[bool, typer.Option("--tiling", help="Opposite edges fit together.")]
Refiner = Annotated[str | None, typer.Option(help="Another model that takes over near the end.")]
RefinerAt = Annotated[float | None, typer.Option(help="Share of the way after which it does; 0.8 if left out.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Any field of the request, such as eta=0.5 or hires.steps=10."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the request with its blanks filled; make nothing.")]
