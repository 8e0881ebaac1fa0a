"""Learning quick looks: a tiny decoder that gives what the whole one does, nearly (as TAESD, Boer Bohan 2023)."""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from PIL import Image
from torch import Tensor, nn

from mezzotint.families.family import LatentSpace
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.tiny_autoencoder import TinyDecoder
from mezzotint.shapes import Latents
from mezzotint.train.objectives.reconstruction import strip

_SHOWN = 8


class QuickLook:
    """Absolute error against the whole decoder's pictures, in each pixel and in the mean colour of each cell."""

    def __init__(
        self,
        decoder: TinyDecoder,
        autoencoder: Autoencoder,
        latents: Latents,
        space: LatentSpace,
        *,
        seed: int,
        batch_size: int,
    ) -> None:
        """``latents`` are the autoencoder's own, of any precision: all there are to learn from."""
        self._decoder, self._autoencoder, self._latents = decoder, autoencoder.eval().requires_grad_(False), latents
        self._space, self._seed, self.batch_size = space, seed, batch_size

    @property
    def modules(self) -> dict[str, nn.Module]:
        return {"decoder": self._decoder}

    def batch(self, step: int) -> Latents:
        rng = np.random.default_rng((self._seed, step))
        return self._latents[torch.tensor(rng.integers(0, len(self._latents), self.batch_size))].float()

    def loss(self, batch: Latents, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        wanted = self._wanted(batch)
        result = self._decoder(self._space.scaled(batch)).float()
        cell = self._space.cell_px
        colour = F.l1_loss(F.avg_pool2d(result, cell), F.avg_pool2d(wanted, cell))
        absolute = F.l1_loss(result, wanted)
        return absolute + colour, {"absolute": absolute, "colour": colour}

    @torch.no_grad()
    def sample(self) -> Image.Image:
        shown = self._latents[:_SHOWN].float()
        return strip(torch.cat([self._wanted(shown), self._decoder(self._space.scaled(shown))]), columns=len(shown))

    @torch.no_grad()
    def _wanted(self, latents: Latents) -> Float[Tensor, "b 3 height width"]:
        return self._autoencoder.decode(latents).float().clamp(-1, 1)
