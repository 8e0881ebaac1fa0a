"""Networks of the ncnn framework: a text that lists the layers (.param), and their weights in a row (.bin).

Formats: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mezzotint.errors import DamagedFile

_MAGIC = "7767517"
_HALF, _FULL = 0x01306B47, 0
_PADDED_TO = 4  # bytes


@dataclass(frozen=True)
class Layer:
    """A line of a .param: its kind, the blobs it reads and writes, and its options by number."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    options: dict[int, tuple[float, ...]]

    def whole(self, key: int, default: int = 0) -> int:
        """An option that is a whole number."""
        return int(self.options.get(key, (default,))[0])


def read_param(text: str) -> list[Layer]:
    """The layers in order. Raises DamagedFile if the text is not a .param or is cut short."""
    magic, counts, *lines = text.split("\n")
    layers = [_layer(line.split()) for line in lines if line.strip()]
    if magic.strip() != _MAGIC or len(layers) != int(counts.split()[0]):
        raise DamagedFile("not an ncnn .param file, or cut short")
    return layers


def read_weights(layers: Sequence[Layer], data: bytes) -> list[tuple[Layer, Tensor, Tensor | None]]:
    """(layer, weight, bias) of every convolution and PReLU. Raises DamagedFile unless the bytes are used up exactly.

    Weights come as float16 if they are stored so, else as float32; biases and slopes as float32.
    """
    source, found = _Bytes(data), list[tuple[Layer, Tensor, Tensor | None]]()
    for layer in layers:
        if layer.kind == "Convolution":
            out, size, count = layer.whole(0), layer.whole(1), layer.whole(6)
            weight = torch.from_numpy(source.flagged(count)).reshape(out, -1, layer.whole(11, size), size)
            found.append((layer, weight, torch.from_numpy(source.floats(out)) if layer.whole(5) else None))
        elif layer.kind == "PReLU":
            found.append((layer, torch.from_numpy(source.floats(layer.whole(0))), None))
    if source.left:
        raise DamagedFile(f"{source.left} bytes of the .bin belong to no layer")
    return found


class _Bytes:
    """Numbers taken one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def flagged(self, count: int) -> NDArray[np.float16] | NDArray[np.float32]:
        """Numbers whose type a flag before them tells."""
        flag = int(self._take(1, "<u4")[0])
        if flag not in (_HALF, _FULL):
            raise DamagedFile(f"weights of the unknown kind {flag:#010x}")
        numbers = self._take(count, "<f2" if flag == _HALF else "<f4")
        self._at += -self._at % _PADDED_TO
        return numbers

    def floats(self, count: int) -> NDArray[np.float32]:
        return self._take(count, "<f4")

    def _take(self, count: int, kind: Literal["<u4", "<f2", "<f4"]) -> NDArray[np.float32]:
        size = count * np.dtype(kind).itemsize
        if size > self.left:
            raise DamagedFile(f"the .bin ends {size - self.left} bytes too early")
        numbers = np.frombuffer(self._data, kind, count, self._at).copy()
        self._at += size
        return numbers


def _layer(words: list[str]) -> Layer:
    kind, name, inputs, outputs, *rest = words
    first, last = int(inputs), int(inputs) + int(outputs)
    numbers = dict(option.split("=") for option in rest[last:])
    options = {int(key): tuple(float(part) for part in value.split(",")) for key, value in numbers.items()}
    return Layer(kind, name, tuple(rest[:first]), tuple(rest[first:last]), options)
