"""Model files on disk: the embedded one and what lies in the models folder."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from mezzotint.errors import ModelFileError, UnknownName
from mezzotint.upscalers import UPSCALERS
from mezzotint.upscalers.files import upscaler_in
from mezzotint.upscalers.upscaler import Upscaler

EMBEDDED = "mezzo-s"
"""Name of the model inside the package, and what no name at all stands for."""

SUFFIX = ".safetensors"
SUFFIXES = (SUFFIX, ".ckpt", ".pt", ".pth", ".bin", ".sft")
FOLDER_INDEX = "model_index.json"
"""What a folder of parts, as diffusers saves it, has in it."""

_LOOK_FOLDERS = "VAE-approx", "VAE-taesd"
"""Below the models folder: where A1111 and ComfyUI keep decoders for quick looks."""

UPSCALER_FOLDERS = ("ESRGAN", "RealESRGAN", "BSRGAN")
"""Folders below ``models/`` with upscalers of the one family that is known; new ones go to the first."""

_VAE_ENDINGS = tuple(f".vae{suffix}" for suffix in SUFFIXES)


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
        self.home = home
        self.folder = home / "models" / "Stable-diffusion"
        self.vae_folder = home / "models" / "VAE"
        self.upscaler_folders = tuple(home / "models" / name for name in UPSCALER_FOLDERS)
        self._assets = assets or Path(str(files("mezzotint") / "assets"))

    def entries(self) -> list[Entry]:
        """All of them: embedded ones, then those in the folder by name."""
        embedded = [Entry(path.stem, path, is_embedded=True) for path in sorted(self._assets.glob(f"*{SUFFIX}"))]
        own = [entry for entry in _entries(self.folder) if not entry.path.name.lower().endswith(_VAE_ENDINGS)]
        return embedded + own

    def vaes(self) -> list[Entry]:
        """Autoencoders in files of their own, by name."""
        return _entries(self.vae_folder)

    def find_vae(self, ref: str, model: Entry) -> Entry | None:
        """The autoencoder of that name, file name or path for a model; None for the model's own.

        "" is the one beside the model's file (``NAME.vae.safetensors`` or ``.vae.pt``) if there is one, "None" never
        any. Raises UnknownName.
        """
        if ref == "None":
            return None
        if not ref:
            beside = (model.path.with_name(f"{model.path.stem}{ending}") for ending in _VAE_ENDINGS)
            return next((Entry(path.stem, path) for path in beside if path.is_file()), None)
        entries = self.vaes()
        if found := _found(entries, ref):
            return found
        raise UnknownName("VAE", ref, [entry.name for entry in entries])

    def quick_look(self, name: str) -> Path | None:
        """The file of the decoder for quick looks of that name (``taesd``), the person's own before an embedded one."""
        folders = [*(self.home / "models" / folder for folder in _LOOK_FOLDERS), self._assets / "previews"]
        files = (folder / f"{name}_decoder{suffix}" for folder in folders for suffix in SUFFIXES)
        return next((file for file in files if file.is_file()), None)

    def upscalers(self) -> list[Entry]:
        """Upscalers in files, by folder and name; what they hold is not looked at."""
        return [entry for folder in self.upscaler_folders for entry in _entries(folder)]

    def find_upscaler(self, ref: str, *, besides: Iterable[str] = ()) -> Upscaler:
        """The upscaler of that name: a registered one, or the one in a file of that stem, or at that path.

        A registered name wins over a file, and a file over another spelling of such a name. Raises ModelFileError of
        some kind for a file that holds no such network, and UnknownName, whose choices begin with ``besides``.
        """
        if ref in UPSCALERS.names():
            return UPSCALERS[ref]
        entries = self.upscalers()
        if found := _found(entries, ref):
            return upscaler_in(found.path, found.stem)
        if ref in UPSCALERS:
            return UPSCALERS[ref]
        raise UnknownName("upscaler", ref, [*besides, *UPSCALERS, *(entry.stem for entry in entries)])

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
        if found := _found(entries, ref):
            return found
        raise UnknownName("model", ref, [entry.name for entry in entries])


_SPELLINGS: tuple[Callable[[Entry], str], ...] = (
    lambda entry: entry.name,
    lambda entry: entry.stem,
    lambda entry: entry.name.casefold(),
    lambda entry: entry.stem.casefold(),
)


def _entries(folder: Path) -> list[Entry]:
    own = [Entry(_without_ending(path.relative_to(folder).as_posix()), path) for path in _walk(folder)]
    return sorted(own, key=lambda entry: entry.name.casefold())


def _found(entries: Iterable[Entry], ref: str) -> Entry | None:
    """The entry of that name, or the file or folder at that path."""
    wanted = _without_ending(ref.replace(os.sep, "/"))  # the file's ending may be left in
    for spelling in _SPELLINGS:  # the most exact first
        for entry in entries:
            if spelling(entry) in (wanted, wanted.casefold()):
                return entry
    path = Path(ref).expanduser()
    if (path.suffix.lower() in SUFFIXES and path.is_file()) or (path / FOLDER_INDEX).is_file():
        return Entry(_without_ending(path.name), path.resolve(), is_listed=False)
    return None


def _without_ending(name: str) -> str:
    ending = next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(ending)]


def _walk(folder: Path) -> Iterator[Path]:
    """Model files below the folder. Links to folders are followed, each folder once."""
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        if FOLDER_INDEX in names:
            folders.clear()  # its parts are no models by themselves
            yield Path(place)
            continue
        for name in names:
            path = Path(place, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith(".") and path.is_file():
                yield path
