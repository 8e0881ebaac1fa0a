"""Other people's Stable Diffusion 1, built offline and filled with weights that are a function of the file's names.

The names come from the oracle's own parameters through the published correspondence between its naming and that of the
original files; nothing of mezzotint takes part, so that a file written from them also tests our names.
"""

import gzip
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.resources import files
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import torch
from torch import Tensor, nn

from tests.factories import weight

os.environ.setdefault("HF_HUB_OFFLINE", "1")

Rename = Callable[[str], str]


@dataclass(frozen=True)
class Sizes:
    """Widths of a model of SD 1's shape."""

    channels: tuple[int, int, int, int] = (320, 640, 1280, 1280)
    heads: int = 8
    width: int = 768
    layers: int = 12
    text_heads: int = 12
    vocabulary: int = 49408
    autoencoder: tuple[int, int, int, int] = (128, 256, 512, 512)


FULL = Sizes()
SMALL = Sizes((32, 64, 128, 128), heads=4, width=64, layers=3, text_heads=4, autoencoder=(32, 64, 128, 128))


@dataclass(frozen=True, eq=False)
class Oracle:
    """The three networks of a checkpoint, and all its weights under the names and in the shapes of the file."""

    network: nn.Module
    autoencoder: nn.Module
    text_encoder: nn.Module
    weights: dict[str, Tensor]

    @torch.inference_mode()
    def text(self, ids: list[int], *, skip: int = 1) -> Tensor:
        """What the network is given for these tokens with that clip skip."""
        output = self.text_encoder(torch.tensor([ids]), output_hidden_states=True)
        return self.text_encoder.get_submodule("text_model.final_layer_norm")(output.hidden_states[-skip])

    @torch.inference_mode()
    def noise(self, x: Tensor, timesteps: Tensor, context: Tensor) -> Tensor:
        """What the network makes of scaled latents."""
        return self.network(x, timesteps, context).sample


def build(sizes: Sizes, *, seed: int = 0) -> Oracle:
    """A filled model of these sizes."""
    with quietly():
        import diffusers
        from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    with no_init(), quietly():
        network = diffusers.UNet2DConditionModel(
            in_channels=4,
            out_channels=4,
            block_out_channels=sizes.channels,
            layers_per_block=2,
            cross_attention_dim=sizes.width,
            attention_head_dim=sizes.heads,  # which is how this library names the number of heads
            down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
            up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        )
        autoencoder = diffusers.AutoencoderKL(
            latent_channels=4,
            block_out_channels=sizes.autoencoder,
            layers_per_block=2,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
        )
        text_encoder = CLIPTextModelWithProjection(
            CLIPTextConfig(
                vocab_size=sizes.vocabulary,
                hidden_size=sizes.width,
                intermediate_size=4 * sizes.width,
                num_hidden_layers=sizes.layers,
                num_attention_heads=sizes.text_heads,
                max_position_embeddings=77,
                hidden_act="quick_gelu",
                projection_dim=sizes.width,
            )
        )
    weights = {
        **_filled(network, lambda name: f"model.diffusion_model.{network_name(name)}", seed),
        **_filled(autoencoder, lambda name: f"first_stage_model.{autoencoder_name(name)}", seed),
        **_filled(text_encoder, lambda name: f"cond_stage_model.transformer.{name}", seed),
    }
    weights.pop("cond_stage_model.transformer.text_projection.weight")  # SD 1 has none
    return Oracle(network, autoencoder, text_encoder, weights)


def leftovers(positions: int = 77) -> dict[str, Tensor]:
    """What released files carry beside the weights: training tables, and positions as a merging tool rounds them."""
    tables = ("betas", "alphas_cumprod", "sqrt_alphas_cumprod", "posterior_mean_coef1", "model_ema.decay")
    name = "cond_stage_model.transformer.text_model.embeddings.position_ids"
    return {table: torch.zeros(1000) for table in tables} | {name: torch.arange(float(positions))[None].half()}


_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}


def network_name(name: str, depths: Sequence[int] = (1, 1, 1, 0)) -> str:
    """diffusers' name of a U-Net's parameter in the original's words, for levels of two blocks.

    ``depths`` tells by zeros which levels have no transformers.
    """
    head, _, last = name.rpartition(".")
    fixed = {
        "conv_in": "input_blocks.0.0",
        "conv_norm_out": "out.0",
        "conv_out": "out.2",
        "time_embedding.linear_1": "time_embed.0",
        "time_embedding.linear_2": "time_embed.2",
        "add_embedding.linear_1": "label_emb.0.0",
        "add_embedding.linear_2": "label_emb.0.2",
        "class_embedding": "label_emb",
    }
    if head in fixed:
        return f"{fixed[head]}.{last}"
    side, kind, level, number, rest = _parsed(name)
    if side == "down":
        stage = 3 * (level + 1) if kind == "downsamplers" else 1 + 3 * level + number
        place = f"input_blocks.{stage}.{1 if kind == 'attentions' else 0}"
        rest = rest.replace("conv.", "op.") if kind == "downsamplers" else rest
    elif side == "up":
        stage = 3 * level + (2 if kind == "upsamplers" else number)
        slot = {"resnets": 0, "attentions": 1, "upsamplers": 2 if depths[-1 - level] else 1}[kind]
        place = f"output_blocks.{stage}.{slot}"
    else:
        place = f"middle_block.{1 if kind == 'attentions' else 2 * number}"
    if kind == "resnets":
        layer, _, rest = rest.partition(".")
        rest = f"{_RESNET[layer]}.{rest}"
    return f"{place}.{rest}"


def autoencoder_name(name: str, levels: int = 4) -> str:
    """diffusers' name of an autoencoder's parameter in the original's words."""
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    attention = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
    for theirs, original in attention.items():
        name = name.replace(f"mid_block.attentions.0.{theirs}.", f"mid.attn_1.{original}.")
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", name)
    name = re.sub(r"down_blocks\.(\d)\.resnets\.", r"down.\1.block.", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0\.", r"down.\1.downsample.", name)
    name = re.sub(r"up_blocks\.(\d)\.resnets\.", lambda found: f"up.{levels - 1 - int(found[1])}.block.", name)
    name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0\.", lambda found: f"up.{levels - 1 - int(found[1])}.upsample.", name)
    return name


def tokenizer() -> Any:  # Any: transformers' own type
    """transformers' tokenizer of CLIP, built from the list of merges that we ship."""
    from transformers import CLIPTokenizer

    packed = (files("mezzotint") / "assets" / "clip_bpe.txt.gz").read_bytes()
    merges = [tuple(line.split()) for line in gzip.decompress(packed).decode("utf-8").split("\n")[1:48895]]
    letters = [chr(byte) for byte in (*range(33, 127), *range(161, 173), *range(174, 256))]
    letters += [chr(256 + i) for i in range(256 - len(letters))]
    entries = letters + [f"{letter}</w>" for letter in letters] + ["".join(pair) for pair in merges]
    ids = {entry: i for i, entry in enumerate([*entries, "<|startoftext|>", "<|endoftext|>"])}
    return CLIPTokenizer(vocab=ids, merges=merges)


@contextmanager
def no_init() -> Iterator[None]:
    """Networks built inside do not spend time on random numbers that are overwritten anyway."""
    layers = (nn.Linear, nn.Conv2d, nn.Embedding, nn.LayerNorm, nn.GroupNorm)
    functions = ("normal_", "uniform_", "trunc_normal_", "xavier_uniform_", "kaiming_uniform_", "kaiming_normal_")
    import pytest

    with pytest.MonkeyPatch.context() as patch:
        for layer in layers:
            patch.setattr(layer, "reset_parameters", lambda self: None)
        for function in functions:
            patch.setattr(nn.init, function, lambda tensor, *args, **kwargs: tensor)
        yield


_UNUSED = ("torchdiffeq", "torchsde", "torchvision", "torchvision.transforms", "tqdm", "tqdm.auto")


@contextmanager
def k_diffusion() -> Iterator[tuple[ModuleType, ModuleType]]:
    """Its ``sampling`` and ``external`` modules, loaded without the package around them, which needs far more."""
    import pytest

    found = PathFinder.find_spec("k_diffusion")
    if found is None or found.submodule_search_locations is None:
        pytest.skip("k-diffusion is not installed")
    package = ModuleType("k_diffusion")
    package.__path__ = list(found.submodule_search_locations)
    stubs: dict[str, Any] = {name: MagicMock(name=name) for name in _UNUSED}
    stubs["tqdm.auto"].trange = lambda count, **_: range(count)
    with pytest.MonkeyPatch.context() as patch:
        for name, module in {**stubs, "k_diffusion": package}.items():
            patch.setitem(sys.modules, name, module)
        try:
            yield import_module("k_diffusion.sampling"), import_module("k_diffusion.external")
        finally:
            for name in [name for name in sys.modules if name.startswith("k_diffusion.")]:
                del sys.modules[name]


def _parsed(name: str) -> tuple[str, str, int, int, str]:
    """Side, kind, level, number and the rest of a block's parameter."""
    if found := re.fullmatch(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.+)", name):
        return found[1], found[3], int(found[2]), int(found[4]), found[5]
    found = re.fullmatch(r"mid_block\.(\w+)\.(\d)\.(.+)", name)
    assert found, name
    return "mid", found[1], 0, int(found[2]), found[3]


@torch.no_grad()
def _filled(module: nn.Module, rename: Rename, seed: int) -> dict[str, Tensor]:
    """Fill the module; its parameters by the file's names, sharing memory, come back."""
    module.eval().requires_grad_(False)
    weights = dict[str, Tensor]()
    for theirs, parameter in module.named_parameters():
        name = rename(theirs)
        is_projection = re.search(r"mid\.attn_1\.(q|k|v|proj_out)\.weight$", name)  # a convolution in the file
        stored = parameter.data[:, :, None, None] if is_projection else parameter.data
        stored.copy_(weight(name, tuple(stored.shape), seed=seed))
        weights[name] = stored
    return weights


@contextmanager
def quietly() -> Iterator[None]:
    """Other libraries' warnings about themselves are not ours to fix."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
