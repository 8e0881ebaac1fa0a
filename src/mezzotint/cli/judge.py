"""``mezzotint judge``: how often the referee reads back what a model was asked to draw."""

import os
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(judge)


def judge(
    referee: Annotated[Path, typer.Option(help="The referee's file, from `mezzotint train referee`.")],
    model: Annotated[str, typer.Option(help="A model's name or file; the embedded model if left out.")] = "",
    data: Annotated[Path, typer.Option(help="Folder of sprites that the prompts speak of.")] = Path("training/sprites"),
    prompts: Annotated[int, typer.Option(help="Captions to draw, each to be found among 50.")] = 300,
    colors: Annotated[int, typer.Option(help="Coloured things to draw, each colour to be found among 11.")] = 200,
    seed: Annotated[int, typer.Option(help="Number the prompts and their seeds follow from.")] = 4,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    exam: Annotated[
        Path | None, typer.Option(help="Ask what this file asks instead of new questions; needs no sprites.")
    ] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep the questions in this file, for --exam.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write every answer to this file, as JSON.")] = None,
) -> None:
    """Draw new prompts with new seeds and have the referee tell what it sees."""
    from mezzotint.engine.catalog import Catalog
    from mezzotint.settings import read_settings
    from mezzotint.train import judging
    from mezzotint.train.data.sprites import SpriteLibrary
    from mezzotint.train.exam import exam_of, read_exam, write_exam
    from mezzotint.train.mezzo import TIERS
    from mezzotint.train.referee import load_referee

    reader = load_referee(referee, device)
    if exam is not None:
        asked = read_exam(exam)
    else:
        library = SpriteLibrary(data, TIERS["s"].sources)
        own = judging.held_out(reader, library, seed=seed)
        typer.echo(f"referee alone  caption {own.caption.share:.1%}  colour {own.color.share:.1%}")
        asked = exam_of(library, prompts=prompts, color_prompts=colors, seed=seed)
    if keep is not None:
        write_exam(keep, asked)
    verdict = judging.judge(
        judging.open_model(Catalog(read_settings(os.environ).home).find(model).path, device),
        reader,
        asked,
        seed=seed,
        on_picture=lambda done, of: typer.echo(f"\r{done} of {of} drawn", nl=done == of, err=True),
    )
    drawn = verdict.drawn
    for name, share in (("caption", drawn.caption), ("label", drawn.label), ("colour", drawn.color)):
        typer.echo(f"{name:8} {share.share:6.1%} ± {share.margin:.1%}  ({share.right} of {share.of})")
    if report is not None:
        judging.write_verdict(report, verdict)
