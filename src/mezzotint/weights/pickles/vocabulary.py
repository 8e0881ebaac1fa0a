"""All that a pickle stream may name, and what calling it or giving it a state means here.

No name of a stream is ever looked up in Python: it is in `GLOBALS`, where it stands for a function of ours that checks
its arguments and gives plain data, or it is refused.
"""

from collections.abc import Mapping
from typing import cast

import torch

from mezzotint.weights.faults import refusal, shown
from mezzotint.weights.pickles import rebuilding, residues
from mezzotint.weights.pickles.values import Arguments, Named, NumpyArray, NumpyKind, ParameterTable

_DTYPES = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2, torch.bool),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint64, torch.uint32, torch.uint16, torch.uint8),
)
_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray")  # before and since numpy 2
_LIGHTNING = (
    ("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"),
    ("pytorch_lightning.callbacks", "ModelCheckpoint"),
    ("pytorch_lightning.callbacks", "model_checkpoint"),
    ("lightning.pytorch.callbacks.model_checkpoint", "ModelCheckpoint"),
)

GLOBALS: Mapping[tuple[str, str], Named] = {
    ("collections", "OrderedDict"): Named("OrderedDict", residues.ordered_table),
    ("torch._utils", "_rebuild_tensor_v2"): Named("_rebuild_tensor_v2", rebuilding.rebuilt),
    ("torch._utils", "_rebuild_tensor_v3"): Named("_rebuild_tensor_v3", rebuilding.rebuilt_over_bytes),
    ("torch._utils", "_rebuild_parameter"): Named("_rebuild_parameter", rebuilding.parameter),
    ("torch._utils", "_rebuild_device_tensor_from_numpy"): Named("_rebuild_device…", rebuilding.from_numpy),
    ("torch.nn.parameter", "Parameter"): Named("Parameter", rebuilding.parameter),
    ("torch.nn.modules.container", "ParameterDict"): Named("ParameterDict", residues.parameter_table),
    ("torch", "Size"): Named("Size", residues.size),
    ("torch", "device"): Named("device", residues.device),
    **{("torch", name): Named(name) for name in rebuilding.STORAGES},
    ("torch.storage", "UntypedStorage"): Named("UntypedStorage"),
    **{("torch", str(dtype).removeprefix("torch.")): Named(str(dtype), dtype=dtype) for dtype in _DTYPES},
    ("__builtin__", "set"): Named("set", residues.plain_set),
    ("builtins", "set"): Named("set", residues.plain_set),
    ("_codecs", "encode"): Named("encode", residues.encoded),
    ("numpy", "dtype"): Named("dtype", residues.numpy_kind),
    ("numpy", "ndarray"): Named("ndarray"),
    **{(module, "scalar"): Named("scalar", residues.numpy_scalar) for module in _NUMPY},
    **{(module, "_reconstruct"): Named("_reconstruct", residues.numpy_array) for module in _NUMPY},
    **{place: Named("ModelCheckpoint") for place in _LIGHTNING},  # the key of a table, never called
}
"""By module and name, exactly as they are written."""


def named(module: str, name: str) -> Named:
    """The global of that name. Raises UnsafeFile for all that are not in the vocabulary."""
    found = GLOBALS.get((module, name))
    if found is None:
        raise refusal("global_refused", f"would run {shown(module)[1:-1]}.{shown(name)[1:-1]} when opened")
    return found


def call(callee: object, arguments: object) -> object:
    """What ``callee(*arguments)`` means in a stream. Raises ModelFileError."""
    if not isinstance(arguments, tuple):
        raise refusal("stream_malformed", f"calls something with a {type(arguments).__name__} instead of arguments")
    if not isinstance(callee, Named) or callee.make is None:
        what = callee.name if isinstance(callee, Named) else f"a {type(callee).__name__}"
        raise refusal("type_mismatch", f"calls {what}, which is nothing to call")
    return callee.make(cast(Arguments, arguments))


def set_state(thing: object, state: object) -> None:
    """Give ``thing`` a ``state``, as a stream asks. Raises ModelFileError unless such things have such a state."""
    match thing:
        case ParameterTable():
            thing.update(residues.parameters(state))
        case dict():
            residues.check_attributes(state)
        case NumpyKind():
            residues.check_numpy_kind(state)
        case NumpyArray():
            residues.fill_array(thing, state)
        case _:
            raise refusal("type_mismatch", f"gives a {type(thing).__name__} attributes")
