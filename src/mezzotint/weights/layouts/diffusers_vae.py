"""The autoencoder as diffusers names it: the decoder's levels count from the coarsest, attention is linear.

Before diffusers 0.17 the attention's layers were called query, key, value and proj_attn.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from mezzotint.weights.renaming import Row, SizedLayout

_ATTENTION: Mapping[str, str] = {"to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
_OLD_ATTENTION: Mapping[str, str] = {"query": "q", "key": "k", "value": "v", "proj_attn": "proj_out"}
_RESIDUAL = ("norm1", "conv1", "norm2", "conv2")


def _rows(names: Collection[str], attention: Mapping[str, str]) -> tuple[Row, ...]:
    found = [
        int(level[1])
        for name in names
        if (level := re.match(r"(?:encoder\.down_blocks|decoder\.up_blocks|encoder\.down|decoder\.up)\.(\d+)\.", name))
    ]
    levels = 1 + max(found, default=-1)
    return (*_ends(attention), *_levels(levels))


def _levels(levels: int) -> Iterator[Row]:
    for level in range(levels):
        mirrored = levels - 1 - level
        for theirs, ours in (
            (f"encoder.down_blocks.{level}", f"encoder.down.{level}"),
            (f"decoder.up_blocks.{level}", f"decoder.up.{mirrored}"),
        ):
            yield from _residual(f"{theirs}.resnets.{{j}}", f"{ours}.block.{{j}}")
            yield Row(f"{theirs}.downsamplers.0.conv.{{rest}}", f"{ours}.downsample.conv.{{rest}}")
            yield Row(f"{theirs}.upsamplers.0.conv.{{rest}}", f"{ours}.upsample.conv.{{rest}}")


def _ends(attention: Mapping[str, str]) -> Iterator[Row]:
    for side in ("encoder", "decoder"):
        yield from _residual(f"{side}.mid_block.resnets.0", f"{side}.mid.block_1")
        yield from _residual(f"{side}.mid_block.resnets.1", f"{side}.mid.block_2")
        theirs, ours = f"{side}.mid_block.attentions.0", f"{side}.mid.attn_1"
        yield Row(f"{theirs}.group_norm.{{rest}}", f"{ours}.norm.{{rest}}")
        for their_part, our_part in attention.items():
            yield Row(f"{theirs}.{their_part}.weight", f"{ours}.{our_part}.weight", pointwise=True)
            yield Row(f"{theirs}.{their_part}.bias", f"{ours}.{our_part}.bias")
        yield Row(f"{side}.conv_norm_out.{{rest}}", f"{side}.norm_out.{{rest}}")


def _residual(theirs: str, ours: str) -> Iterator[Row]:
    for part in _RESIDUAL:
        yield Row(f"{theirs}.{part}.{{rest}}", f"{ours}.{part}.{{rest}}")
    yield Row(f"{theirs}.conv_shortcut.{{rest}}", f"{ours}.nin_shortcut.{{rest}}")


DIFFUSERS_VAE = SizedLayout(lambda names: _rows(names, _ATTENTION))
OLD_DIFFUSERS_VAE = SizedLayout(lambda names: _rows(names, _OLD_ATTENTION))
