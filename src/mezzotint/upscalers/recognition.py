"""Which network an upscaler's file holds, told from the names and shapes in its header, whatever layout they are in."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mezzotint.errors import UnrecognisedModel
from mezzotint.nn.esrgan import CompactConfig, RRDBConfig
from mezzotint.weights.renaming import Layout, Row

Shapes = Mapping[str, tuple[int, ...]]

_WRAPPERS = ("params_ema.", "params.", "state_dict.", "module.", "model_g.", "")  # what files put before all names
_LAYERS_MAX, _WIDTH_MAX, _DOUBLINGS_MAX = 100, 1024, 4  # beyond any that exist: a file may not name a network at will

ORIGINAL = Layout(
    rows=(
        Row("RRDB_trunk.{i}.RDB{j}.{rest}", "body.{i}.rdb{j}.{rest}"),
        Row("trunk_conv.{rest}", "conv_body.{rest}"),
        Row("upconv{n}.{rest}", "conv_up{n}.{rest}"),
        Row("HRconv.{rest}", "conv_hr.{rest}"),
    )
)
"""ESRGAN's own repository, and BSRGAN."""


def old_layout(blocks: int, doublings: int) -> Layout:
    """ESRGAN before its code was rewritten, and most of what the community trained: modules by their place alone."""
    return Layout(
        rows=(
            Row("model.0.{rest}", "conv_first.{rest}"),
            Row("model.1.sub.{i}.RDB{j}.conv1x1.{rest}", "body.{i}.rdb{j}.conv1x1.{rest}"),
            Row("model.1.sub.{i}.RDB{j}.conv{k}.0.{rest}", "body.{i}.rdb{j}.conv{k}.{rest}"),
            Row(f"model.1.sub.{blocks}.{{rest}}", "conv_body.{rest}"),
            *(Row(f"model.{3 * n}.{{rest}}", f"conv_up{n}.{{rest}}") for n in range(1, doublings + 1)),
            Row(f"model.{3 * doublings + 2}.{{rest}}", "conv_hr.{rest}"),
            Row(f"model.{3 * doublings + 4}.{{rest}}", "conv_last.{rest}"),
        )
    )


@dataclass(frozen=True)
class Recognised:
    """A network's sizes, and how to find its tensors: strip ``prefix``, then rename by ``layout`` if there is one."""

    config: RRDBConfig | CompactConfig
    prefix: str
    layout: Layout | None = None

    @property
    def scale(self) -> int:
        """How many times as high and wide a picture becomes."""
        return self.config.scale


def recognise(shapes: Shapes) -> Recognised:
    """What network these tensors make. Raises UnrecognisedModel if none of the ESRGAN family."""
    prefix = next((p for p in _WRAPPERS if any(f"{p}{start}" in shapes for start in _STARTS)), None)
    if prefix is None:
        raise UnrecognisedModel("no network of the ESRGAN family is in this file", hint=_HINT)
    inner = {name.removeprefix(prefix): shape for name, shape in shapes.items() if name.startswith(prefix)}
    if "model.0.weight" in inner:
        places = _numbers(inner, r"model\.(\d{1,6})\.weight")
        layout = old_layout(
            blocks=max(_numbers(inner, r"model\.1\.sub\.(\d{1,6})\.weight"), default=0),
            doublings=min(max((max(places) - 4) // 3, 0), _DOUBLINGS_MAX + 1),
        )
        return Recognised(_rrdb(_renamed(inner, layout)), prefix, layout)
    if "trunk_conv.weight" in inner:
        return Recognised(_rrdb(_renamed(inner, ORIGINAL)), prefix, ORIGINAL)
    if "conv_first.weight" in inner:
        return Recognised(_rrdb(inner), prefix)
    return Recognised(_compact(inner), prefix)


def _renamed(shapes: Shapes, layout: Layout) -> Shapes:
    return {next(iter(layout.to_ours(name)), name): shape for name, shape in shapes.items()}


def _rrdb(shapes: Shapes) -> RRDBConfig:
    """Sizes from shapes under our names."""
    width, colours = _shape(shapes, "conv_first.weight", 4)[:2]
    growth = _shape(shapes, "body.0.rdb1.conv1.weight", 4)[0]
    config = RRDBConfig(
        features=width,
        blocks=1 + max(_numbers(shapes, r"body\.(\d{1,6})\.rdb1\.conv1\.weight"), default=-1),
        growth=growth,
        doublings=len(_numbers(shapes, r"conv_up(\d{1,6})\.weight")),
        unshuffle=math.isqrt(colours // 3),
        has_shortcuts="body.0.rdb1.conv1x1.weight" in shapes,
    )
    _require(
        3 * config.unshuffle**2 == colours and _shape(shapes, "conv_last.weight", 4)[0] == 3,
        f"a network from {colours} channels to {_shape(shapes, 'conv_last.weight', 4)[0]}, not from RGB to RGB",
    )
    _require(
        config.blocks <= _LAYERS_MAX and max(width, growth) <= _WIDTH_MAX and config.doublings <= _DOUBLINGS_MAX,
        f"a network of {config.blocks} blocks, {max(width, growth)} wide, {config.doublings} doublings",
    )
    _require(2**config.doublings % config.unshuffle == 0, f"{config.doublings} doublings undo {config.unshuffle} folds")
    return config


def _compact(shapes: Shapes) -> CompactConfig:
    width, colours = _shape(shapes, "body.0.weight", 4)[:2]
    last = max(_numbers(shapes, r"body\.(\d{1,6})\.weight"))
    out = _shape(shapes, f"body.{last}.weight", 4)[0]
    config = CompactConfig(features=width, layers=last // 2 - 1, scale=math.isqrt(out // 3))
    _require(
        colours == 3 and config.scale > 0 and 3 * config.scale**2 == out,
        f"a network from {colours} channels to {out}, not from RGB to the pixels of RGB",
    )
    _require(
        0 <= config.layers <= _LAYERS_MAX and width <= _WIDTH_MAX and config.scale <= 2**_DOUBLINGS_MAX,
        f"a network of {config.layers} layers, {width} wide, {config.scale} times as large",
    )
    return config


def _numbers(shapes: Shapes, pattern: str) -> set[int]:
    found = (re.fullmatch(pattern, name) for name in shapes)
    return {int(match[1]) for match in found if match}


def _shape(shapes: Shapes, name: str, axes: int) -> tuple[int, ...]:
    shape = shapes.get(name, ())
    _require(len(shape) == axes, f"{name} with the shape {shape}")
    return shape


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise UnrecognisedModel(f"an upscaler mezzotint does not know: {what}", hint=_HINT)


_STARTS = ("model.0.weight", "conv_first.weight", "body.0.weight")
_HINT = "ESRGAN, Real-ESRGAN, BSRGAN and compact networks (SRVGG) are known"
