"""Composed pictures as latents on disk: encoded once, read many times.

Each shard follows from (seed, its number) alone, so a half-built cache is completed, not begun again.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mezzotint.errors import TrainingError
from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.layout import channels_last
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.train.data.compose import compose
from mezzotint.train.data.shards import build_missing, shard_file
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.weights.safetensors import open_tensors
from mezzotint.weights.saving import save

log = logging.getLogger(__name__)

CAPTIONS = 3
"""Ways in which each picture is described; training picks one at every visit."""


@dataclass(frozen=True)
class CacheRecipe:
    """All that a shard depends on, besides its number."""

    data: Path
    sources: dict[str, float]
    autoencoder: AutoencoderConfig
    weights: Path
    seed: int
    shard_size: int = 1024
    positions: int = 32
    size_px: int = 128


def build_cache(
    recipe: CacheRecipe,
    folder: Path,
    shards: int,
    *,
    workers: int = 2,
    on_shard: Callable[[int], None] = lambda n: None,
) -> None:
    """Make sure the shards 0 to ``shards`` − 1 are in ``folder``, composing and encoding those that are not."""
    build_missing(partial(build_shard, recipe, folder), folder, shards, workers=workers, on_shard=on_shard)


def build_shard(recipe: CacheRecipe, folder: Path, number: int) -> int:
    """Compose, encode and write one shard; returns its number."""
    torch.set_num_threads(1)
    library, tokenizer = SpriteLibrary(recipe.data, recipe.sources), CLIPTokenizer()
    autoencoder = channels_last(Autoencoder(recipe.autoencoder)).eval()
    autoencoder.load_state_dict(open_tensors(recipe.weights))
    latents, tokens = list[Tensor](), list[Tensor]()
    for first in range(0, recipe.shard_size, 16):
        pairs = [
            compose(library, np.random.default_rng((recipe.seed, number, index)), captions=CAPTIONS)
            for index in range(first, min(first + 16, recipe.shard_size))
        ]
        pixels = torch.stack([torch.tensor(np.asarray(pair.picture)) for pair in pairs])
        with torch.inference_mode():
            encoded = autoencoder.encode(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).mode()
        latents.append(encoded.half())
        tokens += [torch.stack([token_row(tokenizer, c, recipe.positions) for c in pair.captions]) for pair in pairs]
    save(
        shard_file(folder, number),
        {"latents": torch.cat(latents), "tokens": torch.stack(tokens)},
        metadata={"seed": str(recipe.seed), "sources": json.dumps(recipe.sources)},
    )
    return number


def token_row(tokenizer: CLIPTokenizer, text: str, positions: int) -> Tensor:
    """Start, at most ``positions`` − 2 tokens of ``text``, end, and ends up to ``positions``; int32."""
    ids = tokenizer.encode(text)[: positions - 2]
    row = [tokenizer.start, *ids, *[tokenizer.end] * (positions - 1 - len(ids))]
    return torch.tensor(row, dtype=torch.int32)


class LatentCache:
    """All pairs of the caches in some folders, in memory: 4 to 5 kB each."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Raises TrainingError if there is nothing in them."""
        latents, tokens = list[Tensor](), list[Tensor]()
        for file in sorted(file for folder in folders for file in folder.glob("[0-9]*.safetensors")):
            shard = open_tensors(file)
            latents.append(shard["latents"])
            tokens.append(shard["tokens"])
        if not latents:
            raise TrainingError(f"no latents in {', '.join(map(str, folders))}", hint="run the `latents` stage first")
        self.latents = torch.cat(latents)
        """(pairs, channels, h, w), float16, unscaled."""
        self.tokens = torch.cat(tokens)
        """(pairs, captions, positions), int32."""

    def __len__(self) -> int:
        return len(self.latents)

    def scale(self) -> float:
        """The factor that gives the latents unit variance."""
        return 1.0 / float(self.latents[:4096].float().std())
