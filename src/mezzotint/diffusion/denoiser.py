"""The denoiser: one evaluation of a network, as a function of noisy latents, noise level and conditioning."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning, stack
from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.shapes import Latents

Network: TypeAlias = Callable[..., Tensor]
"""Called with scaled latents, timesteps (fractional float32, one per picture) and context.

Further input channels follow the latents; ``vector=`` and ``labels=`` are passed if given.
"""

Denoiser: TypeAlias = Callable[[Latents, float, Conditioning], Latents]
"""``(x, sigma, conditioning) -> x0`` for ``x = x0 + sigma * noise``."""


def denoiser(network: Network, noise_process: NoiseProcess, *, dtype: torch.dtype = torch.float32) -> Denoiser:
    """A network as a denoiser. ``dtype`` is the network's; what comes back has the type of ``x``."""

    def denoise(x: Latents, sigma: float, conditioning: Conditioning) -> Latents:
        cond = conditioning.rows(len(x))
        scaled = (x * noise_process.input_scale(sigma)).to(dtype)
        timesteps = torch.full((len(x),), noise_process.timestep(sigma), dtype=torch.float32, device=x.device)
        if cond.concat is not None:
            scaled = torch.cat([scaled, cond.concat.to(dtype)], dim=1)
        extra: dict[str, Tensor] = {}
        if cond.vector is not None:
            extra["vector"] = cond.vector.to(dtype)
        if cond.labels is not None:
            extra["labels"] = cond.labels
        output = network(scaled, timesteps, cond.context.to(dtype), **extra)
        return noise_process.x0(x, output.to(x.dtype), sigma)

    return denoise


def denoise_each(denoiser: Denoiser, x: Latents, sigma: float, conditionings: Sequence[Conditioning]) -> list[Latents]:
    """The prediction under each of several conditionings.

    One call for all that fit together saves time on an accelerator. On a CPU it saves none, and there a result must not
    depend on what else is in the batch, which matrix products of another size would let it do in the last bits.
    """
    if x.device.type == "cpu":
        return [denoiser(x, sigma, conditioning) for conditioning in conditionings]
    return denoise_together(denoiser, x, sigma, conditionings)


def denoise_together(
    denoiser: Denoiser, x: Latents, sigma: float, conditionings: Sequence[Conditioning]
) -> list[Latents]:
    """The same in as few calls as fit."""
    found: dict[int, Latents] = {}
    for first, conditioning in enumerate(conditionings):
        if first in found:
            continue
        alike = [i for i in range(first, len(conditionings)) if conditioning.fits(conditionings[i])]
        together = stack(*(conditionings[i].rows(len(x)) for i in alike))
        found |= zip(alike, denoiser(torch.cat([x] * len(alike)), sigma, together).chunk(len(alike)), strict=True)
    return [found[i] for i in range(len(conditionings))]
