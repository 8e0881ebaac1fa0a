"""Where pictures go, and as what: the file or folder of ``--output``, or the next free name under ``outputs/``."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from mezzotint.contract.checking import checked
from mezzotint.contract.parts import Output
from mezzotint.contract.results import Picture
from mezzotint.errors import ResourceError, require
from mezzotint.imaging.files import SUFFIXES, require_format
from mezzotint.imaging.naming import claimed_path, numbered


@dataclass(frozen=True)
class Destination:
    """A single ``file``; or numbered files beside it if there are ``several``; or, without ``file``, in ``folder``.

    ``written`` says how; its format is that of the ``file``'s ending if there is one.
    """

    folder: Path
    grids: Path
    file: Path | None = None
    several: bool = False
    written: Output = field(default_factory=Output)

    @contextmanager
    def picture(self, picture: Picture, number: int) -> Generator[Path, None, None]:
        """The place of picture ``number`` (from 1) of this run; write it in the block.

        A number in ``folder`` is no other process's meanwhile. Raises ResourceError if the folder cannot be written.
        """
        if self.file is not None:
            yield numbered(self.file, number) if self.several else self.file
            return
        with claimed_path(self.folder, str(picture.seed), suffix=self._suffix) as path:
            yield path

    @contextmanager
    def grid(self) -> Generator[Path, None, None]:
        """The place of a contact sheet, in the same way."""
        if self.file is not None:
            yield self.file.with_name(f"{self.file.stem}-grid{self.file.suffix}")
            return
        with claimed_path(self.grids, basename="grid", suffix=self._suffix) as path:
            yield path

    @property
    def _suffix(self) -> str:
        return f".{self.written.format}"


def destination(
    output: str | None, outputs: Path, *, kind: str, several: bool, today: date, written: Output | None = None
) -> Destination:
    """Decide and make sure now, before minutes of work, that it can be written. ``kind`` is txt2img or img2img.

    Raises RequestError for a file of another kind than pictures, or than ``written`` asks for, or that this
    installation cannot write; ResourceError for a place that cannot be written.
    """
    written = written or Output()
    if output is None:
        day = today.isoformat()
        place = Destination(outputs / f"{kind}-images" / day, outputs / f"{kind}-grids" / day, written=written)
    elif _is_folder(output):
        place = Destination(Path(output), Path(output), written=written)
    else:
        file = Path(output)
        require(
            file.suffix.lower() in SUFFIXES,
            f"cannot write pictures as {file.suffix!r}: {output}",
            hint=f"end the name in {', '.join(SUFFIXES)}, or in / for a folder",
        )
        place = Destination(file.parent, file.parent, file, several, _written_as(file, written))
    require_format(f".{place.written.format}")
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(
            f"cannot make {place.folder}: {error.strerror}", hint="choose another place with --output"
        ) from error
    return place


def _written_as(file: Path, written: Output) -> Output:
    """The same for a file of that name, whose ending decides. Raises RequestError where the two contradict."""
    own = checked(Output, {**written.model_dump(), "format": file.suffix.lower().removeprefix(".")})
    require(
        "format" not in written.model_fields_set or written.format == own.format,
        f"{file.name} would be {own.format}, and the format asked for is {written.format}",
        hint=f"name it {file.stem}.{written.format}, or leave the format out",
    )
    return own


def _is_folder(output: str) -> bool:
    return output.endswith(("/", "\\")) or Path(output).is_dir() or not Path(output).suffix
