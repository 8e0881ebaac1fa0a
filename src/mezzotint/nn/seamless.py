"""Pictures that tile: convolutions whose neighbour beyond an edge is the opposite edge."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager

import torch.nn.functional as F
from torch import Tensor, nn


@contextmanager
def seamless(*modules: nn.Module, x: bool = True, y: bool = True) -> Generator[None, None, None]:
    """Within, every padded 2-D convolution of the modules wraps around, along ``x`` (left to right) and ``y``.

    Leaving restores all as it was; weights are never touched. Convolutions keep their zeros along an axis that does not
    wrap. What is padded from outside, as where the autoencoder halves a picture, is left alone, as A1111 leaves it.
    """
    with ExitStack() as undo:
        for conv in {id(found): found for module in modules for found in module.modules()}.values():
            if isinstance(conv, nn.Conv2d) and not isinstance(conv.padding, str):
                down, across = conv.padding
                undo.callback(setattr, conv, "padding", conv.padding)
                conv.padding = (0 if y else down, 0 if x else across)
                wrap = _wrapping(across if x else 0, down if y else 0)
                undo.callback(conv.register_forward_pre_hook(wrap).remove)
        yield


def _wrapping(across: int, down: int) -> Callable[[nn.Module, tuple[Tensor]], Tensor]:
    """Pads what a layer is given by its opposite edges."""

    def wrap(layer: nn.Module, given: tuple[Tensor]) -> Tensor:
        return F.pad(given[0], (across, across, down, down), mode="circular") if across or down else given[0]

    return wrap
