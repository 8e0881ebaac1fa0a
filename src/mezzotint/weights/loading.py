"""From named tensors to a network: built without memory on the meta device, then filled by assignment."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from mezzotint.errors import MissingWeights

C = TypeVar("C")
M = TypeVar("M", bound=nn.Module)

_LISTED = 5


class Section(Mapping[str, Tensor]):
    """The tensors whose names start with ``prefix``, by what follows it. Nothing is read before it is asked for."""

    def __init__(self, tensors: Mapping[str, Tensor], prefix: str) -> None:
        self._tensors = tensors
        self._prefix = prefix
        self._names = [name.removeprefix(prefix) for name in tensors if name.startswith(prefix)]

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[self._prefix + name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


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

    A tensor already of ``dtype`` on ``device`` is used where it lies, without a copy. Weights of 1x1 convolutions and
    of linear layers stand for each other. Raises MissingWeights, which lists what is absent or of another shape.
    """
    with torch.device("meta"):
        module = module_type(config)
    found = Section(tensors, prefix)
    wanted = module.state_dict()
    _require_all({name: tuple(empty.shape) for name, empty in wanted.items()}, found, prefix)
    filled = {name: found[name].to(device, dtype).view(empty.shape) for name, empty in wanted.items()}
    module.load_state_dict(filled, assign=True)
    return module.eval().requires_grad_(False)


def _require_all(shapes: Mapping[str, tuple[int, ...]], found: Mapping[str, Tensor], prefix: str) -> None:
    names = set(found)
    missing = [prefix + name for name in shapes if name not in names]
    if missing:
        raise MissingWeights(
            f"{len(missing)} of {len(shapes)} tensors are missing: {_listed(missing)}",
            hint="the file holds only part of a model; use a full checkpoint" if len(missing) == len(shapes) else "",
        )
    wrong = [
        f"{prefix}{name} is {tuple(found[name].shape)} and should be {shape}"
        for name, shape in shapes.items()
        if _without_ones(tuple(found[name].shape)) != _without_ones(shape)
    ]
    if wrong:
        raise MissingWeights(f"{len(wrong)} tensors have another shape: {_listed(wrong)}")


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A linear layer's (C, C) and a convolution's (C, C, 1, 1) hold the same numbers."""
    return shape[:-2] if len(shape) == 4 and shape[-2:] == (1, 1) else shape


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return ", ".join(items[:_LISTED]) + more
