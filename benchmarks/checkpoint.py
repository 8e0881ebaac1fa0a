"""A full-size Stable Diffusion 1.5 with random weights for both systems: the released layout, and diffusers' folder.

How fast a network runs does not depend on what its weights are, as long as what passes through stays near 1.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from mezzotint.weights.safetensors import open_tensors
from mezzotint.weights.saving import save
from tests.parity import twins
from tests.parity.kinds import FULL

FOLDER = Path("build") / "benchmarks"
KIND = FULL["sd1"]
SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


@dataclass(frozen=True)
class Files:
    """The same weights three times, all in half precision but ``wide``, which both systems use where it lies."""

    home: Path
    wide: Path
    folder: Path

    @property
    def single(self) -> Path:
        """2.1 GB in one file, as released."""
        return self.home / "models" / "Stable-diffusion" / "random.safetensors"


def files(root: Path = FOLDER) -> Files:
    """The files under ``root``, written on the first call: 2 + 4 + 2 GB."""
    made = Files(home=root / "home", wide=root / "wide.safetensors", folder=root / "diffusers")
    made.single.parent.mkdir(parents=True, exist_ok=True)
    if not made.single.is_file():
        fresh = root / "fresh.safetensors"
        save(made.single, {name: tensor.half() for name, tensor in twins.write(fresh, _shapes()).items()})
        fresh.unlink()
    if not made.wide.is_file():
        save(made.wide, {name: tensor.float() for name, tensor in open_tensors(made.single).items()})
    if not (made.folder / "model_index.json").is_file():
        from benchmarks.theirs import pipeline

        pipeline(made.wide).to(torch.float16).save_pretrained(made.folder)
    return made


def _shapes() -> dict[str, tuple[int, ...]]:
    (text,) = KIND.text_twins().values()
    return KIND.network_twin().shapes() | KIND.autoencoder_twin().shapes() | text.shapes()
