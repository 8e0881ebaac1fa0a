"""Where pictures go: the file or folder of ``--output``, or the next free name under ``outputs/``."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mezzotint.contract.results import Picture
from mezzotint.errors import ResourceError, require
from mezzotint.imaging.files import SUFFIXES
from mezzotint.imaging.naming import grid_path, numbered, picture_path


@dataclass(frozen=True)
class Destination:
    """A single ``file``; or numbered files beside it if there are ``several``; or, without ``file``, in ``folder``."""

    folder: Path
    grids: Path
    file: Path | None = None
    several: bool = False

    def path(self, picture: Picture, number: int) -> Path:
        """The place of picture ``number`` (from 1) of this run."""
        if self.file is None:
            return picture_path(self.folder, picture.seed)
        return numbered(self.file, number) if self.several else self.file

    def grid(self) -> Path:
        """The place of a contact sheet."""
        return self.file.with_name(f"{self.file.stem}-grid{self.file.suffix}") if self.file else grid_path(self.grids)


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
