"""Eight-bit weights with a scale beside each, as some tools store them: presented as what they stand for.

A weight is its numbers times one scale, `X.scale_weight` or `X.weight_scale` for `X.weight`. Other schemes of eight and
four bits pack numbers in ways of their own and are refused by name.
"""

import json
from typing import Any

import torch
from torch import Tensor

from mezzotint.errors import ModelFileError
from mezzotint.weights.faults import refusal
from mezzotint.weights.tensors import Entry, Header, Tensors

_SCALES = (".scale_weight", ".weight_scale")
_BESIDE = (*_SCALES, ".scale_input", ".input_scale", ".comfy_quant")
_PACKED = (".absmax", ".quant_map", ".nested_absmax", ".SCB")
_EIGHT_BITS = (torch.float8_e4m3fn, torch.float8_e5m2)


def unscaled(tensors: Tensors) -> Tensors:
    """The tensors with scales multiplied in, in float32, when they are read; the same ones if there are no scales.

    Raises ModelFileError for weights that are packed in another way.
    """
    packed = next((name for name in tensors if name.endswith(_PACKED) or ".quant_state." in name), None)
    if packed is not None:
        raise ModelFileError(
            f"its weights are packed by bitsandbytes ({packed})", hint="use the fp16 or fp8 version of this model"
        )
    scales = {name[: -len(end)] + ".weight": name for name in tensors for end in _SCALES if name.endswith(end)}
    if not scales and not any(name.endswith(_BESIDE) or name == "scaled_fp8" for name in tensors):
        return tensors
    _check(tensors, scales)
    return _Unscaled(tensors, scales)


def _check(tensors: Tensors, scales: dict[str, str]) -> None:
    entries = tensors.header.entries
    for name, scale in scales.items():
        if name not in entries or entries[name].dtype not in _EIGHT_BITS or entries[scale].shape not in ((), (1,)):
            raise refusal("tensor_invalid", f"has a scale {scale!r} that is not for a weight of eight bits")
    for name in entries:
        if name.endswith(".comfy_quant"):
            form = _form(tensors[name])
            if form not in ("float8_e4m3fn", "float8_e5m2"):
                raise ModelFileError(
                    f"its weights are packed as {form!r}", hint="use the fp16 or fp8 version of this model"
                )


def _form(told: Tensor) -> str:
    """The format that a tensor of JSON text tells of."""
    try:
        table: Any = json.loads(told.to(torch.uint8).numpy().tobytes())  # Any: JSON from outside
    except ValueError:
        return "something else"
    return str(table.get("format")) if isinstance(table, dict) else "something else"  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


class _Unscaled(Tensors):
    def __init__(self, tensors: Tensors, scales: dict[str, str]) -> None:
        entries = {
            name: Entry(torch.float32, entry.shape) if name in scales else entry
            for name, entry in tensors.header.entries.items()
            if not name.endswith(_BESIDE) and name != "scaled_fp8"
        }
        super().__init__(Header(entries, tensors.header.metadata))
        self._tensors = tensors
        self._scales = scales

    def __getitem__(self, name: str) -> Tensor:
        tensor = self._tensors[name]
        if name not in self._scales:
            return tensor
        return tensor.float() * self._tensors[self._scales[name]].float().reshape(())
