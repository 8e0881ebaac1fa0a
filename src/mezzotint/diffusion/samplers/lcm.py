"""Latent consistency models: each look is a finished picture, noised again for the next (Luo et al. 2023).

arXiv:2310.04378. Such models are distilled on 50 of the 1000 timesteps; the sampler looks at those only.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Denoise, Denoised, Noise, Sampler, Sigmas, Step
from mezzotint.shapes import Latents

_TRAINED = 50  # levels
_SIGMA_DATA = 0.5  # spread of pictures that the boundary condition assumes
_TIMESTEP_SCALE = 10.0


def lcm(denoise: Denoise, x: Latents, sigmas: Sigmas, noise: Noise) -> Iterator[Step]:
    """Jump to the prediction, then back to the next level with fresh noise."""
    for sigma, sigma_next in pairwise(sigmas):
        x = x0 = denoise(x, sigma).x0
        if sigma_next > 0:
            x = x0 + noise(sigma, sigma_next) * sigma_next
        yield Step(x=x, x0=x0, sigma=sigma_next)


def trained_levels(noise_process: NoiseProcess) -> NoiseProcess:
    """The process thinned to the levels of distillation: timesteps 19, 39, …, 999 of 1000."""
    stride = _stride(noise_process)
    kept = slice(stride - 1, None, stride)
    return replace(noise_process, sigmas=noise_process.sigmas[kept], signal=noise_process.signal[kept])


def consistent(denoise: Denoise, noise_process: NoiseProcess) -> Denoise:
    """Predictions made at the trained level nearest in log sigma, mixed with ``x`` so that at timestep 0 they are it.

    The network is shown ``x`` at the variance of its own level, and told the trained one. (The mixture is the boundary
    condition of Song et al. 2023, arXiv:2303.01469, eq. 5; at the levels used here it leaves the prediction all but as
    it is.)
    """
    stride, levels = _stride(noise_process), trained_levels(noise_process).sigmas

    def predict(x: Latents, sigma: float) -> Denoised:
        index = min(range(len(levels)), key=lambda i: abs(math.log(levels[i] / sigma)))
        told = levels[index]
        shown = x * math.sqrt((told**2 + 1) / (sigma**2 + 1))
        scaled = (index * stride + stride - 1) * _TIMESTEP_SCALE
        keep = _SIGMA_DATA**2 / (scaled**2 + _SIGMA_DATA**2)
        change = scaled / math.hypot(scaled, _SIGMA_DATA)

        def mixed(x0: Latents) -> Latents:
            return x * keep + (x - (shown - x0) * (sigma / told)) * change

        seen = denoise(shown, told)
        return Denoised(x0=mixed(seen.x0), unconditional=mixed(seen.unconditional))

    return predict


def _stride(noise_process: NoiseProcess) -> int:
    return max(len(noise_process.sigmas) // _TRAINED, 1)


LCM = Sampler(name="LCM", run=lcm, order=0, levels_of=trained_levels, adapt=consistent)
