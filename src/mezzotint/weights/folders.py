"""Folders as diffusers saves models: a part in each subfolder, perhaps in several files, perhaps in several variants.

Only weights and a few facts in JSON are read. A folder that asks for code of its own is refused.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from mezzotint.errors import ModelFileError
from mezzotint.weights.faults import naming, refusal, shown
from mezzotint.weights.parts import FOLDERS, assembled
from mezzotint.weights.pickles.opening import open_pickled
from mezzotint.weights.safetensors import open_tensors
from mezzotint.weights.tensors import Joined, Renamed, Tensors

log = logging.getLogger(__name__)

INDEX = "model_index.json"
"""The file by which a folder is known to hold a whole model."""

_STEMS = ("diffusion_pytorch_model", "model", "pytorch_model")
_VARIANTS = ("", "fp16", "bf16", "ema", "non_ema", "fp8")
_JSON_MAX_BYTES = 16 * 2**20
_NAMES_MAX = 50_000
_LIBRARIES = ("diffusers", "transformers", "stable_diffusion", "onnxruntime")


def is_model_folder(path: Path) -> bool:
    """Whether the folder holds a model, or one part of one."""
    return path.is_dir() and ((path / INDEX).is_file() or (path / "config.json").is_file())


def open_folder(path: Path, *, variant: str = "") -> Tensors:
    """A model under the names of the common single file, or a part under its own.

    ``variant`` ("fp16", "ema", "non_ema", …) is taken where there is one, "" being the files without; another one where
    there is not, which is logged. The scheduler's way of training is told as metadata: `modelspec.prediction_type`, and
    `rescale_betas_zero_snr` where it is "true". Raises ModelFileError.
    """
    with naming(path):
        if not (path / INDEX).is_file():
            return _open_part(path, variant)
        names = _check_index(_read_table(path / INDEX), path)
        parts = {name: _open_part(path / name, variant) for name in FOLDERS if name in names and (path / name).is_dir()}
        if not parts:
            raise refusal(
                "not_a_model", f"is a folder with none of the parts {', '.join(FOLDERS)}", hint="choose another"
            )
        activations = {name: str(_facts(path / name / "config.json").get("hidden_act", "")) for name in parts}
        return assembled(parts, _metadata(path), activations=activations)


def weight_files(path: Path, *, variant: str = "") -> list[Path]:
    """The files of weights that `open_folder` takes, in a fixed order. Raises ModelFileError."""
    with naming(path):
        places = [path / name for name in FOLDERS if (path / name).is_dir()] if (path / INDEX).is_file() else [path]
        return [file for place in places for file in _files(_chosen(place, variant))]


def _open_part(folder: Path, variant: str) -> Tensors:
    if folder.is_symlink():  # links to files are common, in caches; to folders they lead anywhere
        raise refusal("container_refused", f"has a link in place of its folder {folder.name}")
    chosen = _chosen(folder, variant)
    if chosen.suffix != ".json":
        return _open(chosen)
    homes = _weight_map(chosen)
    shards = {name: _open(chosen.parent / name) for name in sorted(set(homes.values()))}
    for name, home in homes.items():
        if name not in shards[home]:
            raise refusal("header_invalid", f"{chosen.name} says that {shown(name)} is in {home}, where it is not")
    return Joined([Renamed(shards[home], _names_in(home, homes)) for home in shards])


def _open(path: Path) -> Tensors:
    return open_tensors(path) if path.suffix == ".safetensors" else open_pickled(path)


def _names_in(home: str, homes: Mapping[str, str]) -> dict[str, str]:
    return {name: name for name, place in homes.items() if place == home}


def _files(chosen: Path) -> list[Path]:
    if chosen.suffix != ".json":
        return [chosen]
    return [chosen.parent / name for name in sorted(set(_weight_map(chosen).values()))]


def _chosen(folder: Path, variant: str) -> Path:
    """The file of weights, or the index of several."""
    for wanted in dict.fromkeys((variant, *_VARIANTS)):
        for path in _candidates(folder, wanted):
            if path.is_file():
                if wanted != variant:
                    log.warning("%s has no weights of the variant %r; using %s", folder, variant or "plain", path.name)
                return path
    raise ModelFileError(
        f"has no weights in its folder {folder.name}", hint="download all of the folder", fault="not_a_model"
    )


def _candidates(folder: Path, variant: str) -> Iterator[Path]:
    dotted = f".{variant}" if variant else ""
    for ending in ("safetensors", "bin"):
        for stem in _STEMS:
            yield folder / f"{stem}{dotted}.{ending}"
            yield folder / f"{stem}.{ending}.index{dotted}.json"
            yield folder / f"{stem}{dotted}.{ending}.index.json"


def _weight_map(path: Path) -> dict[str, str]:
    """Which file has which tensor. Raises DamagedFile if any is not plainly a file beside the index."""
    homes = _read_table(path).get("weight_map")
    if not isinstance(homes, dict) or not 0 < len(cast(dict[str, Any], homes)) <= _NAMES_MAX:
        raise refusal("header_invalid", f"{path.name} does not tell where its tensors are")
    for home in set(map(str, cast(dict[str, Any], homes).values())):
        if not re.fullmatch(r"[\w-][\w. -]*\.(?:safetensors|bin)", home):
            raise refusal("header_invalid", f"{path.name} sends to {shown(home)}")
        if not (path.parent / home).is_file():
            raise refusal("header_invalid", f"{path.name} names {home}, which is not there")
    return cast(dict[str, str], homes)


def _check_index(index: Mapping[str, Any], folder: Path) -> set[str]:
    """The parts that a model index names. Raises UnsafeFile if it asks for code that is not a library's."""
    if not isinstance(index.get("_class_name"), str) or "custom_pipeline" in index:
        raise refusal("container_refused", f"{INDEX} asks for a pipeline of its own")
    found = set[str]()
    for name, told in index.items():
        if name.startswith("_") or not isinstance(told, list):
            continue
        library = cast(list[Any], told)[0] if told else None
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise refusal("container_refused", f"{INDEX} names the part {shown(name)}")
        if library is None:
            continue
        if library not in _LIBRARIES and any(
            (folder / place).exists() for place in (f"{library}.py", f"{name}/{library}.py")
        ):
            raise refusal("container_refused", f"{INDEX} asks for code of its own: {shown(str(library))}")
        found.add(name)
    return found


def _metadata(folder: Path) -> dict[str, str]:
    facts = _facts(folder / "scheduler" / "scheduler_config.json")
    kind = {"v_prediction": "v", "epsilon": "epsilon"}.get(str(facts.get("prediction_type", "")))
    found = {"modelspec.prediction_type": kind} if kind else {}
    return found | ({"rescale_betas_zero_snr": "true"} if facts.get("rescale_betas_zero_snr") is True else {})


def _facts(path: Path) -> Mapping[str, Any]:  # Any: JSON from outside; what is missing or odd is not told
    return _read_table(path) if path.is_file() else {}


def _read_table(path: Path) -> dict[str, Any]:  # Any: JSON from outside
    try:
        if path.stat().st_size > _JSON_MAX_BYTES:
            raise refusal("header_invalid", f"{path.name} is too long")
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise refusal("header_invalid", f"{path.name} cannot be read as JSON") from error
    if not isinstance(table, dict):
        raise refusal("header_invalid", f"{path.name} is not a table")
    return cast(dict[str, Any], table)
