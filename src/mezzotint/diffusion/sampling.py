"""What samplers are made of: the types between them, guidance and the loop that runs them, and the ancestral split."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.shapes import Latents

Sigmas: TypeAlias = list[float]
"""Falling noise levels. Python floats: double precision, and reading one never waits for a device."""

Schedule: TypeAlias = Callable[[NoiseProcess, int], Sigmas]
"""``(noise_process, steps) -> sigmas``, ``steps`` levels and a final 0."""

Noise: TypeAlias = Callable[[float, float], Latents]
"""``(sigma, sigma_next) -> noise`` of unit variance for the step between the two."""


@dataclass(frozen=True, eq=False)
class Denoised:
    """A guided prediction of the clean picture, and the one made without the prompt."""

    x0: Latents
    unconditional: Latents


@dataclass(frozen=True, eq=False)
class Step:
    """Where a sampler has got: the state ``x`` at noise level ``sigma``, and the picture ``x0`` it was headed for."""

    x: Latents
    x0: Latents
    sigma: float


Denoise: TypeAlias = Callable[[Latents, float], Denoised]
"""``(x, sigma) -> Denoised`` for ``x = x0 + sigma * noise``: all that a sampler knows of model and prompt."""


@dataclass(frozen=True)
class Sampler:
    """A row of the sampler registry: the generator that takes the steps, and what its paper settles besides.

    ``run`` yields one `Step` per noise level reached, so ``len(sigmas) - 1`` of them; the last ``x`` is the result.
    ``schedule`` is what "Automatic" stands for, "Automatic" itself meaning the model's own timesteps.
    ``order`` is the power of the step size that the error falls with, without fresh noise.
    ``timestep_space``: has its own grid of timesteps instead of a schedule, and keeps ``x`` at unit variance,
    that is divided by sqrt(1 + sigma^2).
    ``uses_eta``: takes the option ``eta``, the share of fresh noise.
    """

    name: str
    run: Callable[..., Iterator[Step]]
    schedule: str = "Automatic"
    order: int = 1
    timestep_space: bool = False
    uses_eta: bool = False

    def __call__(self, denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise, **options: float) -> Iterator[Step]:
        """The steps from ``x`` at ``sigmas[0]`` to the last level; ``options`` are ``run``'s keyword-only arguments."""
        return self.run(denoise, x, sigmas, noise, **options)


def ancestral_split(sigma: float, sigma_next: float, eta: float) -> tuple[float, float]:
    """``(sigma_down, sigma_up)``: where to aim, and how much fresh noise leads from there back to ``sigma_next``.

    Their squares add up to ``sigma_next`` squared. ``eta`` 0 gives ``(sigma_next, 0)``.
    """
    sigma_up = min(sigma_next, eta * math.sqrt(sigma_next**2 * (sigma**2 - sigma_next**2) / sigma**2))
    return math.sqrt(sigma_next**2 - sigma_up**2), sigma_up
