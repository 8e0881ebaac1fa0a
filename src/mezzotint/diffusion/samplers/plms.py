"""PLMS: a linear multistep method on DDIM's grid and latents (Liu et al. 2022, arXiv:2202.09778)."""

from collections.abc import Iterator
from itertools import pairwise

from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step, from_unit_variance, to_unit_variance
from mezzotint.shapes import Latents

_WEIGHTS = {  # of Adams and Bashforth, for steps of one width; the latest first
    2: (3 / 2, -1 / 2),
    3: (23 / 12, -16 / 12, 5 / 12),
    4: (55 / 24, -59 / 24, 37 / 24, -9 / 24),
}


def plms(denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise) -> Iterator[Step]:
    """Along a mean of this noise prediction and up to three before it; the first step looks at both its ends.

    ``x`` is ``(x0 + sigma * noise) / sqrt(1 + sigma^2)``, also in the steps; the last one is read as the picture.
    Draws no noise.
    """
    seen: list[Latents] = []  # predicted noise, the latest first
    for sigma, sigma_next in pairwise(sigmas):
        state = from_unit_variance(x, sigma)
        x0 = denoise(state, sigma).x0
        seen = [(state - x0) / sigma, *seen][:4]
        if len(seen) > 1:
            direction = sum((w * past for w, past in zip(_WEIGHTS[len(seen)], seen, strict=True)), start=0 * x)
        elif sigma_next > 0:
            ahead = state + seen[0] * (sigma_next - sigma)
            direction = (seen[0] + (ahead - denoise(ahead, sigma_next).x0) / sigma_next) / 2
        else:
            direction = seen[0]
        x = to_unit_variance(state + direction * (sigma_next - sigma), sigma_next)
        yield Step(x=x, x0=x0, sigma=sigma_next)


PLMS = Sampler(name="PLMS", run=plms, order=2, timestep_space=True)
