"""A small denoiser's training run, to be started as a process of its own: `python small_run.py FOLDER STEPS`."""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.unet import UNet, UNetConfig
from mezzotint.train.data.latents import LatentCache
from mezzotint.train.loop import LoopSettings, train
from mezzotint.train.objectives.denoising import Denoising
from mezzotint.train.state import TrainingState

POSITIONS = 8


def write_latents(folder: Path, pairs: int = 32) -> None:
    """A shard of made-up latents with captions."""
    generator = torch.Generator().manual_seed(5)
    folder.mkdir(parents=True, exist_ok=True)
    latents = torch.randn(pairs, 4, 8, 8, generator=generator).half()
    tokens = torch.randint(0, 99, (pairs, 3, POSITIONS), generator=generator, dtype=torch.int32)
    save_file({"latents": latents, "tokens": tokens}, folder / "00000.safetensors")


def small_run(folder: Path, steps: int, **settings: object) -> TrainingState:
    """Train for a slice of ``steps``, or finish the one that was interrupted in ``folder``."""
    torch.manual_seed(0)
    network = UNet(UNetConfig(channels=(32, 64), blocks=1, depths=(0, 1), head_width=32, context=32))
    text = CLIPText(CLIPTextConfig(vocabulary=99, width=32, layers=1, heads=2, positions=POSITIONS))
    cache = folder.parent / "latents"
    if not cache.is_dir():
        write_latents(cache)
    objective = Denoising(
        network,
        text,
        LatentCache([cache]),
        discrete(scaled_linear(0.00085, 0.012, steps=1000), predicts="velocity"),
        scale=1.0,
        seed=3,
        batch_size=4,
        empty=torch.zeros(POSITIONS, dtype=torch.int32),
    )
    given = {"learning_rate": 3e-3, "warm_up": 5, "save_every_steps": 4, "log_every": 1, "accumulate": 2, **settings}
    return train(objective, folder, LoopSettings(**given), steps=steps)  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    torch.set_num_threads(1)
    small_run(Path(sys.argv[1]), int(sys.argv[2]))
