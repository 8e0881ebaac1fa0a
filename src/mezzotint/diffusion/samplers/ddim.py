"""DDIM (Song et al. 2020, arXiv:2010.02502), on its own grid of timesteps and with latents of unit variance.

With CFG++ (Chung et al. 2024, arXiv:2406.08070) as a second sampler.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Annotated, TypeAlias

from mezzotint.diffusion.sampling import (
    Denoise,
    Denoised,
    Noise,
    Sampler,
    Sigmas,
    Step,
    ancestral_split,
    from_unit_variance,
    to_unit_variance,
)
from mezzotint.registry import Limits
from mezzotint.shapes import Latents

_Eta: TypeAlias = Annotated[float, Limits(0, 1)]


def ddim(denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise, *, eta: _Eta = 0.0) -> Iterator[Step]:
    """Equation 12: towards the picture, and back along the same noise with a share ``eta`` of it fresh.

    ``x`` is ``(x0 + sigma * noise) / sqrt(1 + sigma^2)``, also in the steps; the last one is read as the picture.
    Written in sigma, the paper's variance (eq. 16) is that of the ancestral split.
    """
    return _run(denoise, x, sigmas, noise, eta, lambda guess: guess.x0)


def ddim_cfgpp(denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise, *, eta: _Eta = 0.0) -> Iterator[Step]:
    """Towards the guided picture, and back along the noise that the unconditional prediction sees.

    Guidance interpolates in this paper, so that scales of ordinary guidance are divided by 12.5 first
    (`Sampler.cfg_factor`). Otherwise `ddim`.
    """
    return _run(denoise, x, sigmas, noise, eta, lambda guess: guess.unconditional)


def _run(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    eta: float,
    back_from: Callable[[Denoised], Latents],
) -> Iterator[Step]:
    """``back_from``: the prediction whose noise is followed."""
    for sigma, sigma_next in pairwise(sigmas):
        state = from_unit_variance(x, sigma)
        guess = denoise(state, sigma)
        sigma_down, sigma_up = ancestral_split(sigma, sigma_next, eta)
        state = guess.x0 + (state - back_from(guess)) * (sigma_down / sigma)
        if sigma_up > 0:
            state = state + noise(sigma, sigma_next) * sigma_up
        x = to_unit_variance(state, sigma_next)
        yield Step(x=x, x0=guess.x0, sigma=sigma_next)


DDIM = Sampler(name="DDIM", run=ddim, timestep_space=True, uses_eta=True)
DDIM_CFGPP = Sampler(
    name="DDIM CFG++",
    run=ddim_cfgpp,
    timestep_space=True,
    uses_eta=True,
    cfg_factor=1 / 12.5,
    uses_unconditional=True,
)
