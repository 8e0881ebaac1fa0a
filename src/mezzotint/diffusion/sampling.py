"""What samplers are made of: the types between them, guidance and the loop that runs them, and the ancestral split."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.registry import options
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

    ``run`` yields one `Step` per noise level reached; the last ``x`` is the result.
    ``schedule`` is what "Automatic" stands for, "Automatic" itself meaning the model's own timesteps.
    ``order`` is the power of the step size that the error falls with, without fresh noise; 0: it does not.
    ``second_order``: looks twice per step, and counts a prompt's steps so (`total_steps`).
    ``discard_penultimate``: wants a schedule of one step more, without its last level above 0.

    ``timestep_space``: has the even grid of timesteps instead of a schedule, and keeps ``x`` at unit variance, that is
    divided by sqrt(1 + sigma^2).
    ``regrid``: ``(noise_process, sigma, steps) -> sigmas``, lays its own levels down from the grid's first.
    ``own_levels``: takes from its sigmas the ends and the number of steps, and chooses the levels between itself.
    ``levels_of``: the noise process that its schedules divide, where that is not the model's.
    ``adapt``: what it makes of the model's predictions before it looks at them.

    ``brownian``: its noise is one path per picture (`brownian_noise`), not a new draw for each step.
    ``uses_eta``: takes the option ``eta``, the share of fresh noise.
    ``uses_ensd``: pictures made with another ``eta_noise_seed_delta`` than 0 tell so.
    ``solver_type``: the name by which the web UI's interface tells variants of one algorithm apart.
    ``cfg_factor``: what the guidance scale is multiplied with.
    ``uses_unconditional``: needs the prediction without the prompt, whatever the scale.
    ``couples_pictures``: pictures of one batch depend on each other.
    """

    name: str
    run: Callable[..., Iterator[Step]]
    schedule: str = "Automatic"
    order: int = 1
    second_order: bool = False
    discard_penultimate: bool = False
    timestep_space: bool = False
    regrid: Callable[[NoiseProcess, float, int], Sigmas] | None = None
    own_levels: bool = False
    levels_of: Callable[[NoiseProcess], NoiseProcess] | None = None
    adapt: Callable[[Denoise, NoiseProcess], Denoise] | None = None
    brownian: bool = False
    uses_eta: bool = False
    uses_ensd: bool = False
    solver_type: str = ""
    cfg_factor: float = 1.0
    uses_unconditional: bool = False
    couples_pictures: bool = False

    def __call__(
        self, denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise, **options: float | str
    ) -> Iterator[Step]:
        """The steps from ``x`` at ``sigmas[0]`` to the last level; ``options`` are ``run``'s keyword-only arguments.

        ``denoise`` must have been `adapted`.
        """
        return self.run(denoise, x, sigmas, noise, **options)

    def adapted(self, denoise: Denoise, noise_process: NoiseProcess) -> Denoise:
        """The model's guided predictions as this sampler wants them; for most, as they are."""
        return denoise if self.adapt is None else self.adapt(denoise, noise_process)

    def total_steps(self, steps: int) -> int:
        """How many model calls a prompt's steps are divided over, when ``steps`` are asked for."""
        return steps * 2 if self.second_order else steps

    def accepted(self, given: Mapping[str, float | str]) -> dict[str, float | str]:
        """Those of the ``given`` options that this sampler takes."""
        return {name: value for name, value in given.items() if name in options(self.run)}


def ancestral_split(sigma: float, sigma_next: float, eta: float) -> tuple[float, float]:
    """``(sigma_down, sigma_up)``: where to aim, and how much fresh noise leads from there back to ``sigma_next``.

    Their squares add up to ``sigma_next`` squared. ``eta`` 0 gives ``(sigma_next, 0)``.
    """
    sigma_up = min(sigma_next, eta * math.sqrt(sigma_next**2 * (sigma**2 - sigma_next**2) / sigma**2))
    return math.sqrt(sigma_next**2 - sigma_up**2), sigma_up


def to_unit_variance(x: Latents, sigma: float) -> Latents:
    """``x = x0 + sigma * noise`` divided so that pictures of unit variance give a state of unit variance."""
    return x / math.sqrt(1 + sigma**2)


def from_unit_variance(x: Latents, sigma: float) -> Latents:
    """The inverse of `to_unit_variance`."""
    return x * math.sqrt(1 + sigma**2)
