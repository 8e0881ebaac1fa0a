"""Composed pictures on disk, small, with the facts about them: composed once, looked at in many ways.

Each shard follows from (seed, its number) alone, so a half-built cache is completed, not begun again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from mezzotint.errors import TrainingError
from mezzotint.train.data.compose import compose
from mezzotint.train.data.shards import build_missing, shard_file
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.weights.safetensors import open_tensors, read_header
from mezzotint.weights.saving import save

CAPTIONS = 3


@dataclass(frozen=True)
class Shown:
    """What a picture shows: ways to say it, the label, and the colour it was given."""

    captions: tuple[str, ...]
    label: str
    color: str | None


@dataclass(frozen=True)
class PictureRecipe:
    """All that a shard depends on, besides its number."""

    data: Path
    sources: dict[str, float]
    seed: int
    side_px: int = 72
    shard_size: int = 1024


def build_pictures(
    recipe: PictureRecipe,
    folder: Path,
    shards: int,
    *,
    workers: int = 2,
    on_shard: Callable[[int], None] = lambda n: None,
) -> None:
    """Make sure the shards 0 to ``shards`` - 1 are in ``folder``."""
    build_missing(partial(build_shard, recipe, folder), folder, shards, workers=workers, on_shard=on_shard)


def build_shard(recipe: PictureRecipe, folder: Path, number: int) -> int:
    """Compose and write one shard; returns its number."""
    folder.mkdir(parents=True, exist_ok=True)
    library = SpriteLibrary(recipe.data, recipe.sources)
    pixels, shown = list[Tensor](), list[Shown]()
    for index in range(recipe.shard_size):
        pair = compose(library, np.random.default_rng((recipe.seed, number, index)), captions=CAPTIONS)
        small = pair.picture.resize((recipe.side_px, recipe.side_px), Image.Resampling.LANCZOS)
        pixels.append(torch.tensor(np.asarray(small)).permute(2, 0, 1))
        shown.append(Shown(pair.captions, pair.label, pair.color))
    facts = json.dumps([asdict(each) for each in shown])
    save(shard_file(folder, number), {"pixels": torch.stack(pixels)}, metadata={"shown": facts})
    return number


class PictureCache:
    """All pictures of a cache, with what they show."""

    def __init__(self, folder: Path) -> None:
        """Raises TrainingError if there is nothing in it."""
        files = sorted(folder.glob("[0-9]*.safetensors"))
        if not files:
            raise TrainingError(f"no pictures in {folder}", hint="build them first")
        self.pixels: UInt8[Tensor, "n 3 h w"] = torch.cat([open_tensors(file)["pixels"] for file in files])
        self.shown: Sequence[Shown] = [
            Shown(tuple(fact["captions"]), fact["label"], fact["color"])
            for file in files
            for fact in json.loads(read_header(file).metadata["shown"])
        ]

    def __len__(self) -> int:
        return len(self.shown)
