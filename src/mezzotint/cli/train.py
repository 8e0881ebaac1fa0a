"""``mezzotint train``: models from pictures. A run that is stopped or killed goes on when it is called again."""

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mezzotint.train.loop import Report


def register(app: typer.Typer) -> None:
    """Add the command with what it can train."""
    train = typer.Typer(no_args_is_help=True, help="Train a model.")
    train.command("mezzo")(mezzo)
    train.command("referee")(referee)
    app.add_typer(train, name="train")


def mezzo(
    data: Annotated[Path, typer.Option(help="Folder of sprites, as recipes/mezzo builds it.")] = Path(
        "training/sprites"
    ),
    tier: Annotated[str, typer.Option(help="Size of the model.")] = "s",
    stage: Annotated[
        str | None, typer.Option(help="autoencoder, latents, denoiser, previews or export; all if left out.")
    ] = None,
    length: Annotated[int | None, typer.Option(help="Steps of the stage, or shards of latents.")] = None,
    run: Annotated[Path | None, typer.Option(help="Folder of the run; training/mezzo-TIER if left out.")] = None,
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    compiled: Annotated[bool, typer.Option("--compile/--no-compile", help="Compile the networks first.")] = True,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    start_from: Annotated[Path | None, typer.Option(help="A model file whose weights a new run starts from.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Highest rate of the denoiser's next slice; the tier's own if left out.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Number that everything random follows from.")] = 0,
) -> None:
    """Train the embedded model, or go on with it: each call adds a slice of steps that ends in good weights.

    The folder of the run has log.jsonl and samples/ of every stage. Ctrl-C saves and stops.
    """
    from mezzotint.train import mezzo as recipe
    from mezzotint.train.run import resolve_precision, stages, tier_named

    chosen, parts, stop = tier_named(tier), stages(stage), _Stop()
    folder = run or Path("training") / f"mezzo-{tier}"
    if learning_rate is not None:
        chosen = replace(chosen, learning_rate=learning_rate)
    settings = recipe.Run(
        tier=chosen,
        data=data,
        folder=folder,
        precision=resolve_precision(precision, device),
        compiled=compiled,
        device=device,
        seed=seed,
        on_report=_show,
        stop_requested=stop,
    )
    if start_from is not None:
        recipe.adopt(settings, start_from)
    for name, part in parts.items():
        if name == "autoencoder" and start_from is not None:
            continue  # the model brought its own
        typer.echo(f"{name}: {part.about}", err=True)
        part.work(settings, length or part.length)
        if stop():
            typer.echo("stopped; call again to go on", err=True)
            raise typer.Exit(130)
    typer.echo(f"done, in {folder}")


def referee(
    data: Annotated[Path, typer.Option(help="Folder of sprites, as recipes/mezzo builds it.")] = Path(
        "training/sprites"
    ),
    length: Annotated[int, typer.Option(help="Steps.")] = 2000,
    shards: Annotated[int, typer.Option(help="Thousands of pictures to compose first.")] = 28,
    run: Annotated[Path, typer.Option(help="Folder of the run.")] = Path("training/referee"),
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    seed: Annotated[int, typer.Option(help="Number that everything random follows from.")] = 0,
) -> None:
    """Train the referee, which reads the embedded model's pictures back (see `mezzotint judge`)."""
    from mezzotint.train import mezzo as recipe
    from mezzotint.train.referee import build_referee_pictures, export_referee, train_referee
    from mezzotint.train.run import resolve_precision, tier_named

    stop = _Stop()
    settings = recipe.Run(
        tier=tier_named("s"),
        data=data,
        folder=run,
        precision=resolve_precision(precision, device),
        device=device,
        seed=seed,
        on_report=_show,
        stop_requested=stop,
    )
    build_referee_pictures(settings, shards=shards)
    train_referee(settings, length)
    if stop():
        typer.echo("stopped; call again to go on", err=True)
        raise typer.Exit(130)
    typer.echo(f"done: {export_referee(settings, run / 'referee.safetensors')}")


class _Stop:
    """Whether Ctrl-C was pressed; pressed twice it ends the process."""

    def __init__(self) -> None:
        self._is_asked = False
        signal.signal(signal.SIGINT, self._ask)

    def __call__(self) -> bool:
        return self._is_asked

    def _ask(self, _signal: int, _frame: object) -> None:
        self._is_asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _show(report: "Report") -> None:
    """One line that renews itself in a terminal, a line each elsewhere."""
    figures = "  ".join(f"{name} {value:.3g}" for name, value in report.figures.items())
    left = f"{int(report.left_s // 3600)}:{int(report.left_s // 60 % 60):02d}:{int(report.left_s % 60):02d}"
    text = f"step {report.step}/{report.end}  loss {report.loss:.4f}  {figures}  {report.rate:.1f}/s  {left} left"
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{text}")
    else:
        sys.stderr.write(text + "\n")
    sys.stderr.flush()
