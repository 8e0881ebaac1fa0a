"""Settings: what holds for every request of this process, read once from file, environment and flags, then frozen."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from platformdirs import user_data_path

from mezzotint.errors import RequestError, UnknownName

Device = Literal["auto", "cpu", "cuda", "mps"]
FILE = "settings.toml"


@dataclass(frozen=True)
class Settings:
    """Where things are kept and what computes.

    ``home`` holds ``models/`` and ``outputs/``, of which the latter may be moved; ``saves_grids`` says whether a batch
    also gets a contact sheet.
    """

    home: Path
    device: Device = "auto"
    outputs_folder: Path | None = None
    saves_grids: bool = True

    @property
    def models(self) -> Path:
        """The folder with a subfolder for every kind of model file."""
        return self.home / "models"

    @property
    def outputs(self) -> Path:
        """The folder with a subfolder for every kind of result."""
        return self.outputs_folder or self.home / "outputs"

    @property
    def kept_pictures(self) -> Path:
        """The folder of start pictures and masks, each under its hash."""
        return self.outputs / "init-images"


def read_settings(environment: Mapping[str, str], **flags: Any) -> Settings:  # Any: checked below, as the file's are
    """Settings from ``settings.toml`` in the home folder, then ``MEZZOTINT_*`` variables, then flags that are not None.

    Raises RequestError or UnknownName for a setting that does not exist or has a wrong value.
    """
    home = Path(flags.pop("home", None) or find_home(environment)).expanduser()
    told = _file(home / FILE)
    told |= {name: environment[variable] for name, variable in _VARIABLES.items() if environment.get(variable)}
    told |= {name: value for name, value in flags.items() if value is not None}
    settings = Settings(home)
    for name, value in told.items():
        if name not in _NAMES:
            raise UnknownName("setting", name, _NAMES)
        settings = replace(settings, **{name: _checked(name, value, home)})
    return settings


def find_home(environment: Mapping[str, str]) -> Path:
    """``MEZZOTINT_HOME``; else the checkout this file is part of; else the platform's folder for a user's data."""
    if given := environment.get("MEZZOTINT_HOME"):
        return Path(given)
    root = Path(__file__).resolve().parents[2]
    is_checkout = (root / "pyproject.toml").is_file() and (root / "src" / "mezzotint").is_dir()
    return root if is_checkout else user_data_path("mezzotint", appauthor=False)


_NAMES = tuple(field.name for field in fields(Settings) if field.name != "home")
_VARIABLES = {name: f"MEZZOTINT_{name.upper()}" for name in _NAMES}
_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"cannot read {path}: {error}", hint="it is a TOML file") from error


def _checked(name: str, value: object, home: Path) -> Device | Path | bool:
    if name == "device":
        if value not in get_args(Device):
            raise UnknownName("device", str(value), get_args(Device))
        return cast(Device, value)  # one of them, as was just seen
    if name == "saves_grids":
        known = value if isinstance(value, bool) else _WORDS.get(str(value).lower())
        if known is None:
            raise RequestError(f"{name} must be true or false, got {value!r}")
        return known
    return home / Path(str(value)).expanduser()
