"""Learning to denoise: velocity prediction (Salimans and Ho 2022), with min-SNR weights if wanted (Hang et al. 2023).

Text encoder and U-Net learn together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.nn.clip_text import CLIPText
from mezzotint.nn.unet import UNet
from mezzotint.shapes import Latents, TokenIds
from mezzotint.train.data.latents import LatentCache


@dataclass(frozen=True)
class NoisyBatch:
    latents: Latents
    noise: Latents
    timesteps: Tensor
    tokens: TokenIds


class Denoising:
    """Mean squared error of the velocity, at each timestep alike or weighted by min(SNR, ``gamma``) / (SNR + 1).

    The weights favour small noise, where a picture's details are settled; small models on small pictures learn sooner
    what a caption means without them, as that is settled under large noise.
    """

    def __init__(
        self,
        network: UNet,
        text: CLIPText,
        cache: LatentCache,
        noise_process: NoiseProcess,
        *,
        scale: float,
        seed: int,
        batch_size: int,
        empty: Tensor,
        draw_samples: Callable[[], Image.Image | None] = lambda: None,
        device: str = "cpu",
        caption_dropout: float = 0.1,
        gamma: float | None = None,
    ) -> None:
        """``empty`` is the token row of the empty prompt, which stands in for a dropped caption."""
        self._network, self._text, self._cache = network, text, cache
        self._scale, self._seed, self.batch_size, self._empty = scale, seed, batch_size, empty.long()
        self._draw_samples, self._device = draw_samples, device
        self._caption_dropout, self._gamma = caption_dropout, gamma
        sigmas = torch.tensor(noise_process.sigmas, dtype=torch.float64)
        self._signal = (1 / (sigmas.square() + 1)).sqrt().float()
        self._noise_share = (sigmas.square() / (sigmas.square() + 1)).sqrt().float()
        self._snr = (1 / sigmas.square()).float()

    @property
    def modules(self) -> dict[str, nn.Module]:
        return {"network": self._network, "text": self._text}

    def batch(self, step: int) -> NoisyBatch:
        rng = np.random.default_rng((self._seed, step))
        chosen = torch.tensor(rng.integers(0, len(self._cache), self.batch_size))
        caption = torch.tensor(rng.integers(0, self._cache.tokens.shape[1], self.batch_size))
        tokens = self._cache.tokens[chosen, caption].long()
        dropped = torch.tensor(rng.random(self.batch_size) < self._caption_dropout)
        latents = self._cache.latents[chosen].float() * self._scale
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        return NoisyBatch(
            latents=latents.contiguous(memory_format=torch.channels_last),
            noise=torch.randn(latents.shape, generator=generator).contiguous(memory_format=torch.channels_last),
            # one timestep from each of as many equal ranges: less noise in the loss than independent draws
            timesteps=torch.tensor(
                ((np.arange(self.batch_size) + rng.random(self.batch_size)) / self.batch_size * len(self._snr)).astype(
                    np.int64
                )
            ),
            tokens=torch.where(dropped[:, None], self._empty, tokens),
        )

    def loss(self, batch: NoisyBatch, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        device, timesteps = self._device, batch.timesteps
        signal = self._signal[timesteps][:, None, None, None].to(device)
        noise_share = self._noise_share[timesteps][:, None, None, None].to(device)
        clean, noise = batch.latents.to(device), batch.noise.to(device)
        noisy = signal * clean + noise_share * noise
        wanted = signal * noise - noise_share * clean
        context = self._text(batch.tokens.to(device))
        predicted = self._network(noisy, timesteps.to(device).float(), context).float()
        error = (predicted - wanted).square().mean(dim=(1, 2, 3))
        if self._gamma is None:
            return error.mean(), {}
        snr = self._snr[timesteps]
        weights = (snr.clamp(max=self._gamma) / (snr + 1)).to(device)
        return (weights * error).mean() / weights.mean(), {"velocity_error": error.mean()}

    def sample(self) -> Image.Image | None:
        return self._draw_samples()
