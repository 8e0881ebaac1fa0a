"""Upscaling by a network: its weights read in whatever layout, and pictures enlarged by it tile by tile."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import torch
from einops import rearrange
from PIL import Image
from torch import Tensor

from mezzotint.errors import Cancelled, ModelFileError
from mezzotint.imaging.masks import inverted
from mezzotint.imaging.overlay import filled
from mezzotint.imaging.resize import Enlarge, lanczos
from mezzotint.imaging.tiling import grid, tiled
from mezzotint.nn.esrgan import CompactNet, RRDBConfig, RRDBNet
from mezzotint.upscalers.recognition import recognise
from mezzotint.weights.loading import Section, build

Network: TypeAlias = RRDBNet | CompactNet
"""RGB 0..1 in, ``scale`` times as large out."""

TILE_PX, OVERLAP_PX = 192, 8
_PASSES_MAX = 3


def load_network(
    tensors: Mapping[str, Tensor], *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> Network:
    """The network that a file's tensors make. Raises UnrecognisedModel, or MissingWeights listing what is absent."""
    found = recognise({name: tuple(tensor.shape) for name, tensor in tensors.items()})
    inner: Mapping[str, Tensor] = Section(tensors, found.prefix)
    named = found.layout.read(inner) if found.layout else inner
    if isinstance(found.config, RRDBConfig):
        return build(RRDBNet, found.config, named, dtype=dtype, device=device)
    return build(CompactNet, found.config, named, dtype=dtype, device=device)


def enlarging(
    network: Network,
    *,
    tile_px: int = TILE_PX,
    overlap_px: int = OVERLAP_PX,
    progress: Callable[[int, int], object] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Enlarge:
    """A way to make pictures larger with ``network``, at most three times over, then by Lanczos to the exact size.

    The network is also applied to a picture that already has the size, and to none that only shrinks. ``tile_px`` 0
    takes a picture whole. After each tile ``progress(done, total)`` is called and `Cancelled` raised if
    ``should_stop()``. A picture with alpha comes back as RGBA, any other as RGB. ModelFileError is raised for weights
    that give no numbers.
    """

    def enlarge(image: Image.Image, width: int, height: int) -> Image.Image:
        layers = _layers(image)
        sizes = _sizes(image.size, (width, height), network.scale)
        total = len(layers) * sum(len(grid(*size, tile_px, overlap_px)) if tile_px else 1 for size in sizes)
        done = 0

        def after_tile() -> None:
            nonlocal done
            done += 1
            progress(done, total)
            if done < total and should_stop():
                raise Cancelled(f"upscaling was stopped after {done} of {total} tiles")

        for size in sizes:
            tile = tile_px or max(size)
            layers = [_pass(network, layer, tile, min(overlap_px, tile - 1), after_tile) for layer in layers]
        return lanczos(_joined(layers), width, height)

    return enlarge


def _sizes(size: tuple[int, int], target: tuple[int, int], scale: int) -> list[tuple[int, int]]:
    """The sizes at which the network is applied."""
    sizes = [size] if size == target else list[tuple[int, int]]()
    while (size[0] < target[0] or size[1] < target[1]) and len(sizes) < _PASSES_MAX:
        sizes.append(size)
        size = size[0] * scale, size[1] * scale
        if scale == 1:
            break
    return sizes


def _layers(image: Image.Image) -> list[Image.Image]:
    """Colours, and alpha as grey if there is any. Hidden colours give way to those near them, or they would show."""
    if not image.has_transparency_data:
        return [image.convert("RGB")]
    alpha = image.convert("RGBA").getchannel("A")
    return [filled(image.convert("RGB"), inverted(alpha)), alpha.convert("RGB")]


def _joined(layers: list[Image.Image]) -> Image.Image:
    if len(layers) == 1:
        return layers[0]
    picture = layers[0].copy()
    picture.putalpha(layers[1].convert("L"))
    return picture


def _pass(
    network: Network, image: Image.Image, tile_px: int, overlap_px: int, after_tile: Callable[[], object]
) -> Image.Image:
    weight = next(network.parameters())
    pixels = torch.tensor(np.asarray(image), dtype=torch.float32) / 255

    def enlarged(part: Tensor) -> Tensor:
        return network(part.to(weight.device, weight.dtype)).float().cpu()

    with torch.inference_mode():
        joined = tiled(
            rearrange(pixels, "h w c -> 1 c h w"), enlarged, tile=tile_px, overlap=overlap_px, after_tile=after_tile
        )
    if not bool(torch.isfinite(joined).all()):  # they would come out black, without a word
        raise ModelFileError("the upscaler's pixels are not numbers", hint="the file may be damaged; or use float32")
    values = (joined.clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(np.ascontiguousarray(rearrange(values, "1 c h w -> h w c").numpy()))
