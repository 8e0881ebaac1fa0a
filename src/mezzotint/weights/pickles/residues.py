"""What training leaves in checkpoints beside tensors: numpy numbers, sets, devices. Read as plain data, or not kept."""

import math
import struct
from collections.abc import Mapping
from typing import cast

import torch

from mezzotint.weights.faults import refusal
from mezzotint.weights.pickles.rebuilding import AXES_MAX
from mezzotint.weights.pickles.values import (
    Arguments,
    Inert,
    Named,
    NumpyArray,
    NumpyKind,
    ParameterTable,
    TensorView,
    checked_key,
    misused,
    wholes,
)

_KINDS: Mapping[str, tuple[torch.dtype, str]] = {  # numpy's names: ours, and the one of `struct`
    "f8": (torch.float64, "d"),
    "f4": (torch.float32, "f"),
    "f2": (torch.float16, "e"),
    "i8": (torch.int64, "q"),
    "i4": (torch.int32, "i"),
    "i2": (torch.int16, "h"),
    "i1": (torch.int8, "b"),
    "u1": (torch.uint8, "B"),
    "b1": (torch.bool, "?"),
}


def ordered_table(arguments: Arguments) -> object:
    """OrderedDict(), or of a list of pairs as Python 2 wrote it: a plain table."""
    if not arguments:
        return dict[object, object]()
    pairs = [cast(list[object], pair) for pair in _items(arguments) if isinstance(pair, (list, tuple))]
    if len(arguments) != 1 or len(pairs) != len(_items(arguments)) or any(len(pair) != 2 for pair in pairs):
        raise misused("OrderedDict")
    return {checked_key(key): value for key, value in pairs}


def _items(arguments: Arguments) -> list[object]:
    """Those of the list that is the only argument."""
    first = arguments[0] if arguments else None
    return cast(list[object], first) if isinstance(first, list) else [None]


def check_attributes(state: object) -> None:
    """An OrderedDict may carry the versions of its modules, which nobody needs; nothing else."""
    if not isinstance(state, dict) or set(cast(dict[object, object], state)) - {"_metadata"}:
        raise refusal("type_mismatch", "gives a table attributes that a table of weights does not have")


def parameter_table(arguments: Arguments) -> object:
    """ParameterDict(): a table that its state fills."""
    if arguments:
        raise misused("ParameterDict")
    return ParameterTable()


def parameters(state: object) -> Mapping[object, object]:
    """The tensors in the state of a ParameterDict, which is that of a module."""
    told = cast(dict[object, object], state) if isinstance(state, dict) else {}
    found = told.get("_parameters")
    if not isinstance(found, dict) or not all(_is_of_a_module(key) for key in told):
        raise refusal("type_mismatch", "has a ParameterDict in a state that none has")
    rows = cast(dict[object, object], found)
    if not all(isinstance(key, str) and isinstance(value, TensorView) for key, value in rows.items()):
        raise refusal("type_mismatch", "has a ParameterDict that holds something else than tensors")
    return rows


def _is_of_a_module(key: object) -> bool:
    return key == "training" or (isinstance(key, str) and key.startswith("_") and not key.startswith("__"))


def size(arguments: Arguments) -> object:
    """torch.Size: the tuple."""
    if len(arguments) != 1 or wholes(arguments[0]) is None:
        raise misused("Size")
    return arguments[0]


def device(arguments: Arguments) -> object:
    """torch.device: not kept."""
    if not 1 <= len(arguments) <= 2 or type(arguments[0]) is not str:
        raise misused("device")
    return Inert()


def plain_set(arguments: Arguments) -> object:
    """set(): not kept."""
    if len(arguments) != 1 or not all(isinstance(item, (str, int, float)) for item in _items(arguments)):
        raise misused("set")
    return Inert()


def encoded(arguments: Arguments) -> object:
    """_codecs.encode(text, "latin1"): how bytes are written into a stream of protocol 2."""
    match arguments:
        case (str() as text, "latin1" | "latin-1") if all(letter <= "\xff" for letter in text):
            return text.encode("latin1")
        case _:
            raise misused("encode")


def numpy_kind(arguments: Arguments) -> object:
    """numpy.dtype of plain numbers."""
    match arguments:
        case (str() as code, *flags) if (
            code in _KINDS and len(flags) <= 2 and all(type(flag) in (int, bool) for flag in flags)
        ):
            return NumpyKind(code, _KINDS[code][0])
        case _:
            raise misused("dtype")


def check_numpy_kind(state: object) -> None:
    """The state of a dtype: its byte order, and that it has no fields, no subtype and no objects in it."""
    match state:
        case (int(), "<" | "|" | "=", None, None, None, int(), int(), 0):
            pass
        case _:
            raise refusal("type_mismatch", "has a numpy type that is not of plain numbers")


def numpy_scalar(arguments: Arguments) -> object:
    """A number."""
    match arguments:
        case (NumpyKind() as kind, str() | bytes() as raw):
            data = raw.encode("latin1", "replace") if isinstance(raw, str) else raw
            if len(data) == kind.dtype.itemsize:
                return struct.unpack(f"<{_KINDS[kind.code][1]}", data)[0]
        case _:
            pass
    raise misused("scalar")


def numpy_array(arguments: Arguments) -> object:
    """An empty array; its state fills it."""
    match arguments:
        case (Named(name="ndarray"), (0,), bytes() | str()):
            return NumpyArray()
        case _:
            raise misused("_reconstruct")


def fill_array(array: NumpyArray, state: object) -> None:
    """Put type, shape and bytes into an array, rows first."""
    match cast(Arguments, state) if isinstance(state, tuple) else ():
        case (int(), sides, NumpyKind() as kind, False, bytes() as data):
            shape = wholes(sides)
            if shape is not None and len(shape) <= AXES_MAX and math.prod(shape) * kind.dtype.itemsize == len(data):
                array.dtype, array.shape, array.data = kind.dtype, shape, data
                return
        case _:
            pass
    raise refusal("type_mismatch", "has a numpy array that is not of plain numbers")
