"""Where a run begins: the noise levels it visits, and how noise and a first picture are mixed for the first of them."""

import math
from dataclasses import dataclass

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sampler, Schedule, Sigmas
from mezzotint.diffusion.schedules.options import without_penultimate
from mezzotint.diffusion.schedules.timesteps import even_timesteps
from mezzotint.errors import require
from mezzotint.shapes import Latents

_MOST_STRENGTH = 0.999  # a strength of 1 would leave no level to start from


@dataclass(frozen=True)
class Start:
    """The levels to visit, and the weights of picture and noise in the state at the first of them.

    ``span`` holds the smallest level above 0 and the largest of the whole schedule, of which ``sigmas`` may be a part.
    """

    sigmas: Sigmas
    picture_weight: float
    noise_weight: float
    span: tuple[float, float] = (0.0, 0.0)

    @property
    def steps(self) -> int:
        """How many steps a sampler takes from here; 0 if there is nothing to do.

        Samplers with levels of their own may take fewer (DPM fast) or any number (DPM adaptive).
        """
        return len(self.sigmas) - 1

    def mix(self, noise: Latents, picture: Latents | None = None) -> Latents:
        """The state to hand to the sampler; ``picture`` is in scaled latents."""
        x = noise * self.noise_weight
        return x if picture is None else picture * self.picture_weight + x


def from_noise(
    sampler: Sampler,
    noise_process: NoiseProcess,
    schedule: Schedule,
    steps: int,
    *,
    discard_penultimate: bool = False,
    sgm_noise_multiplier: bool = False,
) -> Start:
    """A run from pure noise. ``schedule`` is left aside by samplers that have their own grid of timesteps.

    Those take one step less than asked, or one more, as the grid falls: 9 for 10, 30 for 30 (contract §4). Samplers
    that choose their levels between two ends are given the model's, but the noise of the schedule.
    ``discard_penultimate`` does for any sampler what some always do; ``sgm_noise_multiplier`` starts with the variance
    of data and noise together, as Stability's own repository does.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    if sampler.timestep_space:
        return _from_noise_in_timesteps(sampler, noise_process, steps + discard_penultimate)
    sigmas = _levels(sampler, noise_process, schedule, steps, discard_penultimate)
    weight = math.hypot(1, sigmas[0]) if sgm_noise_multiplier else sigmas[0]
    visited = _model_levels(noise_process, steps) if sampler.own_levels else sigmas
    return Start(visited, picture_weight=0.0, noise_weight=weight, span=_span(sigmas))


def from_picture(
    sampler: Sampler,
    noise_process: NoiseProcess,
    schedule: Schedule,
    steps: int,
    strength: float,
    *,
    keep_steps: bool = False,
    discard_penultimate: bool = False,
    noise_multiplier: float = 1.0,
    extra_noise: float = 0.0,
) -> Start:
    """A run from a picture with noise added: the last ``strength`` (0..1) of the way.

    That is about ``strength * steps`` steps; with ``keep_steps`` the way is divided so finely that it is ``steps``, and
    a strength of 0 takes none at all. ``noise_multiplier`` scales the noise, ``extra_noise`` adds as much of it again,
    in units of the picture's own values.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    require(0 <= strength <= 1, f"strength must be 0 to 1, got {strength:g}")
    share = min(strength, _MOST_STRENGTH)
    if keep_steps and share == 0:
        return Start(sigmas=[0.0], picture_weight=1.0, noise_weight=0.0)
    total, last = (int(steps / share), steps - 1) if keep_steps else (steps, int(share * steps))
    if sampler.timestep_space:
        rising = even_timesteps(noise_process, total + discard_penultimate)[::-1]
        sigmas, noised_to = _from_picture_in_timesteps(sampler, noise_process, rising, last)
        scale, whole = 1 / math.hypot(1, noised_to), rising
    else:
        whole = _levels(sampler, noise_process, schedule, total, discard_penultimate)
        # Where a schedule has fewer levels than it was asked for, there is at least its last step to take.
        sigmas = whole[min(total - last - 1, len(whole) - 2) :]
        scale, noised_to = 1.0, sigmas[0]
    weight = scale * (noised_to + extra_noise) * noise_multiplier
    return Start(sigmas, picture_weight=scale, noise_weight=weight, span=_span(whole))


def _levels(sampler: Sampler, noise_process: NoiseProcess, schedule: Schedule, steps: int, discard: bool) -> Sigmas:
    """The whole schedule as the sampler wants it."""
    if sampler.levels_of is not None:
        noise_process = sampler.levels_of(noise_process)
    if discard or sampler.discard_penultimate:
        schedule = without_penultimate(schedule)
    return schedule(noise_process, steps)


def _model_levels(noise_process: NoiseProcess, steps: int) -> Sigmas:
    """``steps`` + 1 levels with the model's as their ends, and no 0."""
    last = noise_process.last_timestep
    return [noise_process.sigma(last * (1 - i / steps)) for i in range(steps + 1)]


def _from_noise_in_timesteps(sampler: Sampler, noise_process: NoiseProcess, steps: int) -> Start:
    levels = even_timesteps(noise_process, steps)
    span = _span(levels)
    if sampler.regrid is not None:
        levels = sampler.regrid(noise_process, noise_process.sigma_max, len(levels))
    elif len(levels) == 1:  # too coarse to have a step in it: take the whole way at once
        levels = [noise_process.sigma_max, *levels]
    return Start(levels, picture_weight=0.0, noise_weight=1.0, span=span)


def _from_picture_in_timesteps(
    sampler: Sampler, noise_process: NoiseProcess, rising: Sigmas, last: int
) -> tuple[Sigmas, float]:
    """Noise for level ``last`` of ``rising``, but begin at the level below, as the web UI does (contract §7).

    Where that would leave no step to take, begin at the noise's own level.
    """
    last = min(last, len(rising) - 1)
    noised_to = rising[last]
    if last == 0:
        return [noised_to, 0.0], noised_to
    if sampler.regrid is not None:
        return sampler.regrid(noise_process, rising[last - 1], last), noised_to
    return (rising[:2] if last == 1 else rising[:last])[::-1], noised_to


def _span(sigmas: Sigmas) -> tuple[float, float]:
    above = [sigma for sigma in sigmas if sigma > 0]
    return min(above), max(above)
