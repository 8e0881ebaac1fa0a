"""Model files on disk: the embedded one and what lies in the models folder."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from mezzotint.errors import ModelFileError, UnknownName

EMBEDDED = "mezzo-s"
"""Name of the model inside the package, and what no name at all stands for."""

SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Entry:
    """A model file. ``name`` is its path below the models folder without the ending, with ``/`` on every system."""

    name: str
    path: Path
    is_embedded: bool = False
    is_listed: bool = True  # False for a file elsewhere, which was asked for by its path

    @property
    def ref(self) -> str:
        """What finds this entry again."""
        return self.name if self.is_listed else str(self.path)

    @property
    def stem(self) -> str:
        """The name without folders."""
        return self.name.rpartition("/")[2]


class Catalog:
    """The models that can be asked for by name. Looks at the disk every time, so a new file is there at once."""

    def __init__(self, home: Path, *, assets: Path | None = None) -> None:
        """``assets`` is where embedded models lie, the package's own folder if None."""
        self.folder = home / "models" / "Stable-diffusion"
        self._assets = assets or Path(str(files("mezzotint") / "assets"))

    def entries(self) -> list[Entry]:
        """All of them: embedded ones, then those in the folder by name."""
        embedded = [Entry(path.stem, path, is_embedded=True) for path in sorted(self._assets.glob(f"*{SUFFIX}"))]
        own = [Entry(path.relative_to(self.folder).with_suffix("").as_posix(), path) for path in _walk(self.folder)]
        return embedded + sorted(own, key=lambda entry: entry.name.casefold())

    def find(self, ref: str = "") -> Entry:
        """The model of that name, file name, or path; "" is the embedded one.

        Letter case matters only between two that differ in nothing else. Raises UnknownName, or ModelFileError if the
        package came without its model.
        """
        entries = self.entries()
        if not ref:
            found = next((entry for entry in entries if entry.is_embedded and entry.name == EMBEDDED), None)
            if found is None:
                raise ModelFileError(
                    f"the embedded model {EMBEDDED} is not in this installation",
                    hint=f"install mezzotint again, or put a model into {self.folder} and name it",
                )
            return found
        bare = ref[: -len(SUFFIX)] if ref.lower().endswith(SUFFIX) else ref  # the file's ending may be left in
        wanted = bare.replace(os.sep, "/")
        for spelling in _SPELLINGS:  # the most exact first
            for entry in entries:
                if spelling(entry) in (wanted, wanted.casefold()):
                    return entry
        path = Path(ref).expanduser()
        if path.suffix.lower() == SUFFIX and path.is_file():
            return Entry(path.stem, path.resolve(), is_listed=False)
        raise UnknownName("model", ref, [entry.name for entry in entries])


_SPELLINGS: tuple[Callable[[Entry], str], ...] = (
    lambda entry: entry.name,
    lambda entry: entry.stem,
    lambda entry: entry.name.casefold(),
    lambda entry: entry.stem.casefold(),
)


def _walk(folder: Path) -> Iterator[Path]:
    """Model files below the folder. Links to folders are followed, each folder once."""
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        for name in names:
            path = Path(place, name)
            if path.suffix.lower() == SUFFIX and not name.startswith(".") and path.is_file():
                yield path
