"""``mezzotint png-info``: how a picture was made."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from mezzotint.contract.infotext import Infotext, Restored


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("png-info")(png_info)


def png_info(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Pictures: PNG, JPEG, WebP, AVIF, GIF; or .txt files of A1111."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for every file.")] = False,
) -> None:
    """Show the prompt and parameters that a picture file holds."""
    # Only now, so that --help stays quick.
    from mezzotint.errors import require
    from mezzotint.imaging.files import read_infotext

    for file in files:
        text = read_infotext(file)
        if as_json:
            typer.echo(json.dumps({"path": str(file), "infotext": text, **_told(text)}, ensure_ascii=False))
            continue
        require(bool(text), f"{file} does not say how it was made", hint="sites that resize pictures often remove it")
        typer.echo(f"{file}\n{text}\n" if len(files) > 1 else text)


def _told(text: str) -> dict[str, Any]:  # Any: JSON
    """The parts of the text, and the request they make; that is null, with ``error``, if a value is out of range."""
    from mezzotint.contract.infotext import parse_infotext
    from mezzotint.errors import RequestError

    parsed = parse_infotext(text)
    told = {"prompt": parsed.prompt, "negative": parsed.negative, "parameters": dict(parsed.parameters)}
    try:
        restored = _restored(parsed)
    except RequestError as error:
        return {**told, "request": None, "error": error.message}
    request = restored.request.model_dump(mode="json", exclude_defaults=True)
    return {**told, "request": request, "unknown": dict(restored.unknown), "warnings": list(restored.warnings)}


def _restored(parsed: "Infotext") -> "Restored":
    """With start picture and mask where they are kept; else its warnings name them."""
    from mezzotint.errors import MissingPicture
    from mezzotint.imaging.kept import restored_with_kept
    from mezzotint.settings import read_settings

    try:
        return restored_with_kept(parsed, read_settings(os.environ).kept_pictures)
    except MissingPicture:
        return parsed.restore()
