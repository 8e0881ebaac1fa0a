"""The denoiser: one evaluation of a network, as a function of noisy latents, noise level and conditioning."""

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.shapes import Latents

Network: TypeAlias = Callable[..., Tensor]
"""Called with scaled latents, timesteps (fractional float32, one per picture) and context; and ``vector=`` if given."""

Denoiser: TypeAlias = Callable[[Latents, float, Conditioning], Latents]
"""``(x, sigma, conditioning) -> x0`` for ``x = x0 + sigma * noise``."""


def denoiser(network: Network, noise_process: NoiseProcess, *, dtype: torch.dtype = torch.float32) -> Denoiser:
    """A network as a denoiser. ``dtype`` is the network's; what comes back has the type of ``x``."""

    def denoise(x: Latents, sigma: float, conditioning: Conditioning) -> Latents:
        cond = conditioning.rows(len(x))
        scaled = (x * noise_process.input_scale(sigma)).to(dtype)
        timesteps = torch.full((len(x),), noise_process.timestep(sigma), dtype=torch.float32, device=x.device)
        extra = {} if cond.vector is None else {"vector": cond.vector.to(dtype)}
        output = network(scaled, timesteps, cond.context.to(dtype), **extra)
        return noise_process.x0(x, output.to(x.dtype), sigma)

    return denoise
