"""Where pictures go: the file or folder of ``--output``, or the next free name under ``outputs/``."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mezzotint.contract.results import Picture
from mezzotint.errors import ResourceError, require
from mezzotint.imaging.files import SUFFIXES
from mezzotint.imaging.naming import claimed_path, numbered


@dataclass(frozen=True)
class Destination:
    """A single ``file``; or numbered files beside it if there are ``several``; or, without ``file``, in ``folder``."""

    folder: Path
    grids: Path
    file: Path | None = None
    several: bool = False

    @contextmanager
    def picture(self, picture: Picture, number: int) -> Generator[Path, None, None]:
        """The place of picture ``number`` (from 1) of this run; write it in the block.

        A number in ``folder`` is no other process's meanwhile. Raises ResourceError if the folder cannot be written.
        """
        if self.file is not None:
            yield numbered(self.file, number) if self.several else self.file
            return
        with claimed_path(self.folder, str(picture.seed)) as path:
            yield path

    @contextmanager
    def grid(self) -> Generator[Path, None, None]:
        """The place of a contact sheet, in the same way."""
        if self.file is not None:
            yield self.file.with_name(f"{self.file.stem}-grid{self.file.suffix}")
            return
        with claimed_path(self.grids, basename="grid") as path:
            yield path


def destination(output: str | None, outputs: Path, *, kind: str, several: bool, today: date) -> Destination:
    """Decide and make sure now, before minutes of work, that it can be written. ``kind`` is txt2img or img2img.

    Raises RequestError for a file of another kind than pictures, ResourceError for a place that cannot be written.
    """
    if output is None:
        day = today.isoformat()
        place = Destination(outputs / f"{kind}-images" / day, outputs / f"{kind}-grids" / day)
    elif _is_folder(output):
        place = Destination(Path(output), Path(output))
    else:
        file = Path(output)
        require(
            file.suffix.lower() in SUFFIXES,
            f"cannot write pictures as {file.suffix!r}: {output}",
            hint=f"end the name in {', '.join(SUFFIXES)}, or in / for a folder",
        )
        place = Destination(file.parent, file.parent, file, several)
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(
            f"cannot make {place.folder}: {error.strerror}", hint="choose another place with --output"
        ) from error
    return place


def _is_folder(output: str) -> bool:
    return output.endswith(("/", "\\")) or Path(output).is_dir() or not Path(output).suffix
