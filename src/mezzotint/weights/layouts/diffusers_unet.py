"""The U-Net, or the ControlNet made from one, as diffusers names it: by level and kind of layer.

The original names count stages instead: one for the first convolution, then per level its residual blocks and, but for
the last, a downsampler; upwards one stage per residual block, the last of a level with the upsampler behind it.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from mezzotint.weights.renaming import Row, SizedLayout

_RESIDUAL = (
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
)
_ENDS = (
    ("conv_in", "input_blocks.0.0"),
    ("conv_norm_out", "out.0"),
    ("conv_out", "out.2"),
    ("time_embedding.linear_1", "time_embed.0"),
    ("time_embedding.linear_2", "time_embed.2"),
    ("time_embedding.cond_proj", "time_embed.cond_proj"),
    ("controlnet_cond_embedding.conv_in", "input_hint_block.0"),
    *((f"controlnet_cond_embedding.blocks.{i}", f"input_hint_block.{2 * i + 2}") for i in range(6)),
    ("controlnet_cond_embedding.conv_out", "input_hint_block.14"),
    ("controlnet_down_blocks.{i}", "zero_convs.{i}.0"),
    ("controlnet_mid_block", "middle_block_out.0"),
)


@dataclass(frozen=True)
class _Plan:
    """What the rows depend on.

    ``attentive`` are the levels upwards, deepest first, that have attention; ``has_middle`` says it of the middle,
    where small ControlNets have none.
    """

    levels: int
    blocks: int
    attentive: frozenset[int]
    has_middle: bool
    vector: str  # their name for what embeds the vector


def _rows(names: Collection[str]) -> tuple[Row, ...]:
    plan = _planned(names)
    return tuple(
        Row(f"{theirs}.{{rest}}", f"{ours}.{{rest}}")
        for theirs, ours in (
            *_ENDS,
            (f"{plan.vector}.linear_1", "label_emb.0.0"),
            (f"{plan.vector}.linear_2", "label_emb.0.2"),
            ("class_embedding", "label_emb"),  # a table of classes, of the x4 upscaler
            *_downwards(plan),
            *_residual("mid_block.resnets.0", "middle_block.0"),
            ("mid_block.attentions.0", "middle_block.1"),
            *_residual("mid_block.resnets.1", f"middle_block.{2 if plan.has_middle else 1}"),
            *_upwards(plan),
        )
    )


def _planned(names: Collection[str]) -> _Plan:
    theirs = [found for name in names if (found := re.match(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.", name))]
    if theirs:
        return _Plan(
            levels=1 + max(int(found[2]) for found in theirs),
            blocks=1 + max((int(f[4]) for f in theirs if f[1] == "down" and f[3] == "resnets"), default=0),
            attentive=frozenset(int(f[2]) for f in theirs if f[1] == "up" and f[3] == "attentions"),
            has_middle=any(name.startswith("mid_block.attentions.") for name in names),
            vector="class_embedding" if "class_embedding.linear_1.weight" in names else "add_embedding",
        )
    downs = sorted(int(found[1]) for name in names if (found := re.match(r"input_blocks\.(\d+)\.0\.op\.", name)))
    ups = [found for name in names if (found := re.match(r"output_blocks\.(\d+)\.1\.(?:norm|proj_in)\.", name))]
    blocks = downs[0] - 1 if downs else 2
    has_fine_attention = any(name.startswith("input_blocks.1.1.") for name in names)
    return _Plan(
        levels=len(downs) + 1,
        blocks=blocks,
        attentive=frozenset(int(found[1]) // (blocks + 1) for found in ups),
        has_middle=any(re.match(r"middle_block\.1\.(?:norm|proj_in)\.", name) for name in names),
        vector="class_embedding" if has_fine_attention else "add_embedding",  # SD 2 unCLIP, or SDXL
    )


def _downwards(plan: _Plan) -> Iterator[tuple[str, str]]:
    for level in range(plan.levels):
        for block in range(plan.blocks):
            stage = 1 + (plan.blocks + 1) * level + block
            yield from _residual(f"down_blocks.{level}.resnets.{block}", f"input_blocks.{stage}.0")
            yield f"down_blocks.{level}.attentions.{block}", f"input_blocks.{stage}.1"
        stage = (plan.blocks + 1) * (level + 1)
        yield f"down_blocks.{level}.downsamplers.0.conv", f"input_blocks.{stage}.0.op"


def _upwards(plan: _Plan) -> Iterator[tuple[str, str]]:
    for level in range(plan.levels):
        has_attention = level in plan.attentive
        for block in range(plan.blocks + 1):
            stage = (plan.blocks + 1) * level + block
            yield from _residual(f"up_blocks.{level}.resnets.{block}", f"output_blocks.{stage}.0")
            if has_attention:
                yield f"up_blocks.{level}.attentions.{block}", f"output_blocks.{stage}.1"
        stage = (plan.blocks + 1) * level + plan.blocks
        yield f"up_blocks.{level}.upsamplers.0.conv", f"output_blocks.{stage}.{2 if has_attention else 1}.conv"


def _residual(theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    for their_part, our_part in _RESIDUAL:
        yield f"{theirs}.{their_part}", f"{ours}.{our_part}"


DIFFUSERS_UNET = SizedLayout(_rows)
