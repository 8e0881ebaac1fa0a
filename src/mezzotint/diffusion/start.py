"""Where a run begins: the noise levels it visits, and how noise and a first picture are mixed for the first of them."""

from dataclasses import dataclass

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sampler, Schedule, Sigmas
from mezzotint.diffusion.schedules.timesteps import even_timesteps
from mezzotint.errors import require
from mezzotint.shapes import Latents

_MOST_STRENGTH = 0.999  # a strength of 1 would leave no level to start from


@dataclass(frozen=True)
class Start:
    """The levels to visit, and the weights of picture and noise in the state at the first of them."""

    sigmas: Sigmas
    picture_weight: float
    noise_weight: float

    @property
    def steps(self) -> int:
        """How many steps a sampler takes from here; 0 if there is nothing to do."""
        return len(self.sigmas) - 1

    def mix(self, noise: Latents, picture: Latents | None = None) -> Latents:
        """The state to hand to the sampler; ``picture`` is in scaled latents."""
        x = noise * self.noise_weight
        return x if picture is None else picture * self.picture_weight + x


def from_noise(sampler: Sampler, noise_process: NoiseProcess, schedule: Schedule, steps: int) -> Start:
    """A run from pure noise. ``schedule`` is left aside by samplers that have their own grid of timesteps.

    Those take one step less than asked, or one more, as the grid falls: 9 for 10, 30 for 30 (contract §4).
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    if not sampler.timestep_space:
        sigmas = schedule(noise_process, steps)
        return Start(sigmas=sigmas, picture_weight=0.0, noise_weight=sigmas[0])
    levels = even_timesteps(noise_process, steps)
    if len(levels) == 1:  # too coarse to have a step in it: take the whole way at once
        levels = [noise_process.sigma_max, *levels]
    return Start(sigmas=levels, picture_weight=0.0, noise_weight=1.0)


def from_picture(
    sampler: Sampler,
    noise_process: NoiseProcess,
    schedule: Schedule,
    steps: int,
    strength: float,
    *,
    keep_steps: bool = False,
) -> Start:
    """A run from a picture with noise added: the last ``strength`` (0..1) of the way.

    That is about ``strength * steps`` steps; with ``keep_steps`` the way is divided so finely that it is ``steps``, and
    a strength of 0 takes none at all.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    require(0 <= strength <= 1, f"strength must be 0 to 1, got {strength:g}")
    share = min(strength, _MOST_STRENGTH)
    if keep_steps and share == 0:
        return Start(sigmas=[0.0], picture_weight=1.0, noise_weight=0.0)
    total, last = (int(steps / share), steps - 1) if keep_steps else (steps, int(share * steps))
    if sampler.timestep_space:
        return _from_picture_in_timesteps(even_timesteps(noise_process, total)[::-1], last)
    sigmas = schedule(noise_process, total)[total - last - 1 :]
    return Start(sigmas=sigmas, picture_weight=1.0, noise_weight=sigmas[0])


def _from_picture_in_timesteps(rising: Sigmas, last: int) -> Start:
    """Noise for level ``last`` of ``rising``, but begin at the level below, as the web UI does (contract §7).

    Where that would leave no step to take, begin at the noise's own level.
    """
    last = min(last, len(rising) - 1)
    noised_to = rising[last]
    sigmas = [noised_to, 0.0] if last == 0 else rising[:2][::-1] if last == 1 else rising[:last][::-1]
    scale = (1 + noised_to**2) ** -0.5
    return Start(sigmas=sigmas, picture_weight=scale, noise_weight=scale * noised_to)
