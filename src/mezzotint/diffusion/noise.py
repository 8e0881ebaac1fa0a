"""The noise of a batch of pictures, each from its own seed: the first draw, and one for every step that asks."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from mezzotint.diffusion.noise_sources import DEFAULT_SOURCE, NOISE_SOURCES
from mezzotint.diffusion.noise_sources.source import Normals
from mezzotint.diffusion.sampling import Noise
from mezzotint.diffusion.variations import between, pasted
from mezzotint.errors import require
from mezzotint.shapes import Latents

Draw: TypeAlias = Callable[[tuple[int, int, int]], Latents]
"""``(channels, height, width) -> noise``: the next draw for every picture of a batch."""


class PictureNoise:
    """A `Draw` in which each picture has generators of its own, so it gets the same noise in any batch.

    The first call gives what a run starts from, and further calls what its steps add. A run at another size, a hires
    pass, takes a new one with the same seeds.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        *,
        subseeds: Sequence[int] = (),
        strength: float = 0.0,
        from_size: tuple[int, int] | None = None,
        step_seed_offset: int = 0,
        source: str = DEFAULT_SOURCE,
        device: torch.device | str = "cpu",
    ) -> None:
        """Seeds may be any integers; they count modulo 2^64.

        ``strength`` (0..1) leads the first draw from each picture's seed to its subseed. ``from_size``, height and
        width in cells, is the size at which the first draw is made before it is pasted into the middle of a full one.
        ``step_seed_offset`` (ENSD) is added to the seeds after the first draw. ``source`` names one of
        `NOISE_SOURCES`. Raises RequestError, or UnknownName for the source.
        """
        require(len(seeds) > 0, "noise needs at least one seed")
        enough = strength == 0 or len(subseeds) == len(seeds)
        require(enough, f"{len(seeds)} seeds need as many subseeds, got {len(subseeds)}")
        self._seeds = tuple(seeds)
        self._subseeds = tuple(subseeds) if strength else (None,) * len(seeds)
        self._strength = strength
        self._from_size = from_size
        self._step_seed_offset = step_seed_offset
        self._source = NOISE_SOURCES[source]
        self._device = device
        self._generators: list[Normals] = []

    def __call__(self, shape: tuple[int, int, int]) -> Latents:
        """The next draw, one picture of ``shape`` (channels, height, width) per seed, float32."""
        if not self._generators:
            return self._first(shape)
        return torch.stack([generator(shape) for generator in self._generators])

    def _first(self, shape: tuple[int, int, int]) -> Latents:
        self._generators = [self._fresh(seed) for seed in self._seeds]
        pictures = zip(self._seeds, self._subseeds, self._generators, strict=True)
        noise = [self._first_of(seed, subseed, generator, shape) for seed, subseed, generator in pictures]
        if self._step_seed_offset:
            self._generators = [self._fresh(seed + self._step_seed_offset) for seed in self._seeds]
        return torch.stack(noise)

    def _first_of(self, seed: int, subseed: int | None, generator: Normals, shape: tuple[int, int, int]) -> Tensor:
        full = generator(shape)  # drawn also where another takes its place: later draws go on from here
        channels, *size = shape
        own_size = list(self._from_size or size)
        is_resized = own_size != size
        noise = self._fresh(seed)((channels, *own_size)) if is_resized else full
        if subseed is not None:
            noise = between(self._strength, noise, self._fresh(subseed)((channels, *own_size)))
        return pasted(noise, full) if is_resized else noise

    def _fresh(self, seed: int) -> Normals:
        return self._source(seed, self._device)


def step_noise(draw: Draw, shape: tuple[int, int, int]) -> Noise:
    """``draw`` as samplers ask for it: noise of ``shape`` (channels, height, width) per step."""
    return lambda sigma, sigma_next: draw(shape)


def normals(source: str, seed: int, shape: tuple[int, ...], *, device: torch.device | str = "cpu") -> Tensor:
    """The first draw of a fresh generator. Raises UnknownName for a source that is in no list."""
    return NOISE_SOURCES[source](seed, device)(shape)
