"""From named tensors to a network: built without memory on the meta device, then filled by assignment."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from mezzotint.errors import MissingWeights
from mezzotint.weights.tensors import Header, Section

C = TypeVar("C")
M = TypeVar("M", bound=nn.Module)

_LISTED = 5


def build(
    module_type: Callable[[C], M],
    config: C,
    tensors: Mapping[str, Tensor],
    *,
    prefix: str = "",
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> M:
    """``module_type(config)`` with the weights found under ``prefix`` (other tensors are left alone), ready to use.

    A tensor already of ``dtype`` on ``device`` is used where it lies, without a copy, unless its numbers lie in another
    order than torch would lay them. Weights of 1x1 convolutions and of linear layers stand for each other. Raises
    MissingWeights, which lists what is absent, of another shape, or no weights.
    """
    with torch.device("meta"):
        module = module_type(config)
    found = Section(tensors, prefix)
    wanted = module.state_dict()
    _require_all({name: tuple(empty.shape) for name, empty in wanted.items()}, found.header, prefix)
    filled = {
        name: found[name].to(device, dtype).contiguous().view(empty.shape)  # one by one: only what is kept is held
        for name, empty in wanted.items()
    }
    module.load_state_dict(filled, assign=True)
    return module.eval().requires_grad_(False)


def _require_all(shapes: Mapping[str, tuple[int, ...]], found: Header, prefix: str) -> None:
    missing = [prefix + name for name in shapes if name not in found.entries]
    if missing:
        raise MissingWeights(
            f"{len(missing)} of {len(shapes)} tensors are missing: {_listed(missing)}",
            hint="the file holds only part of a model; use a full checkpoint" if len(missing) == len(shapes) else "",
            fault="tensor_invalid",
        )
    wrong = [
        f"{prefix}{name} is {found.shapes[name]} and should be {shape}"
        for name, shape in shapes.items()
        if _without_ones(found.shapes[name]) != _without_ones(shape)
    ]
    if wrong:
        message = f"{len(wrong)} tensors have another shape: {_listed(wrong)}"
        raise MissingWeights(message, fault="tensor_invalid")
    strange = [
        f"{prefix}{name} is of {str(found.dtypes[name]).removeprefix('torch.')} and should be of fractions"
        for name in shapes
        if not found.dtypes[name].is_floating_point
    ]
    if strange:
        raise MissingWeights(f"{len(strange)} tensors are no weights: {_listed(strange)}", fault="tensor_invalid")


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A linear layer's (C, C) and a convolution's (C, C, 1, 1) hold the same numbers."""
    return shape[:-2] if len(shape) == 4 and shape[-2:] == (1, 1) else shape


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return ", ".join(items[:_LISTED]) + more
