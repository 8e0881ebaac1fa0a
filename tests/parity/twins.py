"""Networks of other people at any size, sharing their weights with ours through a file in the layout of released ones.

A twin is built without memory of its own; its weights are views of the file, mapped into memory, as ours are. So even
the largest network is there once. The correspondence of names is written down here and in `oracles`, not taken from
mezzotint.
"""

import json
import math
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from mezzotint.weights.safetensors import open_tensors
from tests.parity.oracles import autoencoder_name, network_name, no_init, quietly


@dataclass(frozen=True)
class Place:
    """Where a parameter lies in the file: the tensor's name, and what part or view of it it is."""

    name: str
    view: Literal["whole", "1x1", "q", "k", "v", "transposed"] = "whole"

    def stored(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the tensor in the file for a parameter of this shape."""
        if self.view == "1x1":
            return (*shape, 1, 1)
        if self.view == "transposed":
            return shape[::-1]
        return shape if self.view == "whole" else (3 * shape[0], *shape[1:])

    def of(self, tensor: Tensor) -> Tensor:
        """The parameter in the file's tensor."""
        if self.view == "1x1":
            return tensor[..., 0, 0]
        if self.view == "transposed":
            return tensor.t()
        return tensor if self.view == "whole" else tensor.chunk(3)["qkv".index(self.view)]


@dataclass(frozen=True, eq=False)
class Twin:
    """A network of another library, yet without weights, and the place of each of its parameters."""

    module: nn.Module
    places: Mapping[str, Place]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of all tensors in the file."""
        shapes = {name: tuple(parameter.shape) for name, parameter in self.module.named_parameters()}
        return {place.name: place.stored(shapes[name]) for name, place in self.places.items()}

    def fill(self, tensors: Mapping[str, Tensor]) -> nn.Module:
        """The network with the file's weights, where they lie."""
        state = {name: place.of(tensors[place.name]) for name, place in self.places.items()}
        self.module.load_state_dict(state, assign=True, strict=False)
        assert {name for name, _ in self.module.named_parameters()} == set(state)
        return self.module.eval().requires_grad_(False)


def unet(prefix: str, **sizes: Any) -> Twin:  # Any: diffusers' own arguments
    """diffusers' U-Net with two residual blocks at each level."""
    with quietly():
        import diffusers
    with no_init(), quietly():
        module = diffusers.UNet2DConditionModel(layers_per_block=2, **sizes)
    depths = [int(kind.startswith("CrossAttn")) for kind in sizes["down_block_types"]]
    return _twin(module, lambda name: Place(prefix + network_name(name, depths)))


def autoencoder(prefix: str, channels: tuple[int, ...]) -> Twin:
    """diffusers' autoencoder with latents of 4 channels."""
    with quietly():
        import diffusers
    with no_init(), quietly():
        module = diffusers.AutoencoderKL(
            latent_channels=4,
            block_out_channels=channels,
            layers_per_block=2,
            down_block_types=("DownEncoderBlock2D",) * len(channels),
            up_block_types=("UpDecoderBlock2D",) * len(channels),
        )

    def place(theirs: str) -> Place:
        name = autoencoder_name(theirs, len(channels))
        is_projection = re.search(r"mid\.attn_1\.(q|k|v|proj_out)\.weight$", name)  # a convolution in the file
        return Place(prefix + name, "1x1" if is_projection else "whole")

    return _twin(module, place)


def text_encoder(
    prefix: str,
    *,
    width: int,
    layers: int,
    heads: int,
    activation: str = "quick_gelu",
    projection: int | None = None,
    is_openclip: bool = False,
    end: int = 49407,
) -> Twin:
    """transformers' text encoder of CLIP, under its own names or OpenCLIP's."""
    with quietly():
        from transformers import CLIPTextConfig, CLIPTextModelWithProjection
        from transformers.initialization import no_init_weights
    with no_init(), no_init_weights(), quietly():
        module = CLIPTextModelWithProjection(
            CLIPTextConfig(
                vocab_size=49408,
                hidden_size=width,
                intermediate_size=4 * width,
                num_hidden_layers=layers,
                num_attention_heads=heads,
                max_position_embeddings=77,
                hidden_act=activation,
                projection_dim=projection or width,
                eos_token_id=end,
            )
        )
    if projection is None:
        module.text_projection = nn.Identity()
    return _twin(module, lambda name: _openclip(prefix, name) if is_openclip else Place(prefix + name))


_OPENCLIP = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm.weight": "ln_final.weight",
    "final_layer_norm.bias": "ln_final.bias",
}
_OPENCLIP_LAYER = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}


def _openclip(prefix: str, name: str) -> Place:
    if name == "text_projection.weight":
        return Place(f"{prefix}text_projection", "transposed")
    name = name.removeprefix("text_model.")
    if name in _OPENCLIP:
        return Place(prefix + _OPENCLIP[name])
    found = re.fullmatch(r"encoder\.layers\.(\d+)\.(.+)\.(weight|bias)", name)
    assert found, name
    block = f"{prefix}transformer.resblocks.{found[1]}"
    if fused := re.fullmatch(r"self_attn\.(q|k|v)_proj", found[2]):
        view: Any = fused[1]  # Any: one of the three letters that Place has
        return Place(f"{block}.attn.in_proj_{found[3]}", view)
    return Place(f"{block}.{_OPENCLIP_LAYER[found[2]]}.{found[3]}")


def write(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Mapping[str, Tensor]:
    """A file of float32 weights of these shapes, written piece by piece; its tensors, mapped into memory.

    The weights are stretches of one long row of random numbers, each from a place that follows from the tensor's name:
    far quicker to make than gigabytes of fresh ones.
    """
    row = torch.randn(4_000_037, generator=torch.Generator().manual_seed(0))
    header, end = dict[str, object](), 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    with path.open("wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded)
        for name, shape in shapes.items():
            for piece in _pieces(name, math.prod(shape), row):
                file.write(_sized(name, shape, piece).numpy())
    return open_tensors(path)


def _pieces(name: str, count: int, row: Tensor) -> list[Tensor]:
    """That many numbers of the row in stretches, from a place of its own and round again."""
    begin, pieces = zlib.crc32(name.encode()) % len(row), list[Tensor]()
    while count:
        pieces.append(row[begin : begin + count])
        count -= len(pieces[-1])
        begin = 0
    return pieces


def _sized(name: str, shape: tuple[int, ...], values: Tensor) -> Tensor:
    """Random numbers as weights of a sensible size, so that what passes through stays near 1."""
    if name.endswith("bias"):
        return values * 0.02
    if len(shape) == 1:  # the gain of a norm
        return 1 + values * 0.05
    return values * (0.02 if "embedding" in name else 1 / math.sqrt(math.prod(shape[1:])))


def _twin(module: nn.Module, place: Callable[[str], Place]) -> Twin:
    return Twin(module, {name: place(name) for name, _ in module.named_parameters()})
