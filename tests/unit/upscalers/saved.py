"""Upscaler files for tests, small and of random weights, in the layouts that people share."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from mezzotint.nn.esrgan import CompactConfig, CompactNet, RRDBConfig, RRDBNet
from mezzotint.weights.saving import save
from tests.factories import weight
from tests.unit.upscalers.old_esrgan import OldESRGAN

SCALES = {"old.pth": 4, "RealESRGAN_x2.pth": 2, "compact.pth": 3, "plain.safetensors": 2}
"""Names of the files that `write_upscaler` knows, and how many times as large each makes a picture."""


def write_upscaler(path: Path) -> dict[str, Tensor]:
    """Write the file of that name; its weights come back, by the names that they have in it."""
    make, wrapper, store = _FILES[path.name]
    with torch.device("meta"):
        empty = make().state_dict()
    tensors = {name: weight(name, tuple(tensor.shape)) * 0.5 for name, tensor in empty.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    store(path, {wrapper: tensors} if wrapper else tensors)
    return {f"{wrapper}.{name}" if wrapper else name: tensor for name, tensor in tensors.items()}


def _stream(path: Path, table: Mapping[str, object]) -> None:
    """As torch wrote files before 1.6, when most of these networks were trained."""
    torch.save(table, path, _use_new_zipfile_serialization=False)


def _archive(path: Path, table: Mapping[str, object]) -> None:
    torch.save(table, path)


_FILES: dict[str, tuple[Callable[[], nn.Module], str, Callable[..., object]]] = {
    "old.pth": (partial(OldESRGAN, 8, 4, 2, 2), "", _stream),
    "RealESRGAN_x2.pth": (
        partial(RRDBNet, RRDBConfig(features=8, blocks=1, growth=4, unshuffle=2)),
        "params_ema",
        _archive,
    ),
    "compact.pth": (partial(CompactNet, CompactConfig(features=8, layers=1, scale=3)), "params", _archive),
    "plain.safetensors": (partial(RRDBNet, RRDBConfig(features=8, blocks=1, growth=4, doublings=1)), "", save),
}
