"""The functions by which torch describes tensors in a pickle, each checked and answered with a view."""

import math
from collections.abc import Mapping
from typing import cast

import torch

from mezzotint.weights.faults import refusal, shown
from mezzotint.weights.pickles.values import (
    Arguments,
    Inert,
    Named,
    NumpyArray,
    Storage,
    TensorView,
    misused,
    reach,
    wholes,
)

STORAGES: Mapping[str, torch.dtype | None] = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
    "UntypedStorage": None,
}
"""The kinds of storage and their number types."""

AXES_MAX = 8
NUMBERS_MAX = 2**48  # of a tensor, empty axes aside: products stay far from overflow
_KEY_DIGITS_MAX = 20  # old files name storages by their address in memory
_LOCATION_MAX = 100


def storage(pid: object) -> Storage:
    """The storage that a persistent id speaks of; where it once was ("cuda:0") does not matter."""
    match cast(Arguments, pid) if isinstance(pid, tuple) else ():
        case ("storage", Named() as kind, key, location, count):
            pass
        case ("storage", Named() as kind, key, location, count, None):  # as before torch 1.6
            pass
        case _:
            raise refusal("stream_malformed", "refers to something that is no storage of numbers")
    if kind.name not in STORAGES:
        raise refusal("tensor_invalid", f"takes {kind.name} for a storage")
    if type(key) is not str or not (key.isascii() and key.isdigit() and len(key) <= _KEY_DIGITS_MAX):
        raise refusal("tensor_invalid", f"has a storage of the name {shown(key)}")
    if type(location) is not str or len(location) > _LOCATION_MAX:
        raise refusal("tensor_invalid", f"has a storage at {shown(location)}")
    if type(count) is not int or not 0 <= count <= NUMBERS_MAX:
        raise refusal("tensor_invalid", f"has a storage of {shown(str(count))} numbers")
    return Storage(key, STORAGES[kind.name], count)


def rebuilt(arguments: Arguments) -> object:
    """`_rebuild_tensor_v2`: a tensor over a storage of its own number type."""
    match arguments:
        case (Storage(dtype=torch.dtype() as dtype) as source, offset, size, strides, bool(), hooks, *more):
            if hooks == {} and more in ([], [None], [{}]):
                return _view(source, dtype, offset, size, strides)
        case _:
            pass
    raise misused("_rebuild_tensor_v2", "tensor_invalid")


def rebuilt_over_bytes(arguments: Arguments) -> object:
    """`_rebuild_tensor_v3`: a tensor over bare bytes, whose number type is told apart."""
    match arguments:
        case (
            Storage(dtype=None) as source,
            offset,
            size,
            strides,
            bool(),
            hooks,
            Named(dtype=torch.dtype() as dtype),
            *more,
        ):
            if hooks == {} and more in ([], [None], [{}]):
                return _view(source, dtype, offset, size, strides)
        case _:
            pass
    raise misused("_rebuild_tensor_v3", "tensor_invalid")


def parameter(arguments: Arguments) -> object:
    """`_rebuild_parameter`, or Parameter itself: the tensor in it."""
    match arguments:
        case (TensorView() | NumpyArray() as data,) | (TensorView() | NumpyArray() as data, bool()):
            return data
        case (TensorView() | NumpyArray() as data, bool(), hooks) if hooks == {}:
            return data
        case _:
            raise misused("_rebuild_parameter", "tensor_invalid")


def from_numpy(arguments: Arguments) -> object:
    """`_rebuild_device_tensor_from_numpy`: how tensors of some accelerators are saved."""
    match arguments:
        case (NumpyArray() as array, Named(dtype=torch.dtype() as dtype), str() | Inert(), bool()):
            if dtype == array.dtype:
                return array
        case _:
            pass
    raise misused("_rebuild_device_tensor_from_numpy", "tensor_invalid")


def _view(source: Storage, dtype: torch.dtype, offset: object, size: object, strides: object) -> TensorView:
    """The view, if it lies within its storage and does not name more numbers than there are."""
    shape, steps = wholes(size), wholes(strides)
    if type(offset) is not int or offset < 0 or shape is None or steps is None or len(shape) != len(steps):
        raise refusal("tensor_invalid", "has a tensor whose size, strides or offset make no sense")
    if len(shape) > AXES_MAX or math.prod(side or 1 for side in shape) > NUMBERS_MAX:
        raise refusal("tensor_invalid", f"has a tensor of shape {shown(str(shape))}")
    steps = tuple(step if side > 1 else 1 for side, step in zip(shape, steps, strict=True))  # else of no effect
    room = source.size // dtype.itemsize
    if math.prod(shape) > room or offset + reach(shape, steps) > room:
        raise refusal("tensor_invalid", f"has a tensor of shape {shown(str(shape))} in a storage of {room} numbers")
    return TensorView(source, dtype, offset, shape, steps)
