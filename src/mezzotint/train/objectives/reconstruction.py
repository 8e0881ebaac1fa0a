"""Learning an autoencoder: pictures that come back as they went in (Kingma and Welling 2014; Rombach et al. 2022)."""

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.shapes import Pixels
from mezzotint.train.data.compose import compose
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.train.perceptual import VGGFeatures


class Reconstruction:
    """Absolute error, error of edges, perceptual distance and a faint pull of the latents to a unit Gaussian."""

    def __init__(
        self,
        autoencoder: Autoencoder,
        library: SpriteLibrary,
        *,
        seed: int,
        batch_size: int,
        crop_px: int,
        eye: VGGFeatures | None,
        perceptual_weight: float = 0.3,
        divergence_weight: float = 1e-5,
    ) -> None:
        self._autoencoder, self._library, self._eye = autoencoder, library, eye
        self._seed, self.batch_size, self._crop_px = seed, batch_size, crop_px
        self._perceptual_weight, self._divergence_weight = perceptual_weight, divergence_weight
        self._shown = self._pictures(np.random.default_rng((seed, 0xFACE)), 8, 128)

    @property
    def modules(self) -> dict[str, nn.Module]:
        return {"autoencoder": self._autoencoder}

    def batch(self, step: int) -> Pixels:
        return self._pictures(np.random.default_rng((self._seed, step)), self.batch_size, self._crop_px)

    def loss(self, batch: Pixels, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        posterior = self._autoencoder.encode(batch)
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        noise = torch.randn(posterior.mean.shape, generator=generator)
        result = self._autoencoder.decode(posterior.sample(noise)).float()
        mean, log_variance = posterior.mean.float(), posterior.log_variance.float()
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
        absolute = F.l1_loss(result, batch)
        edges = F.l1_loss(_differences(result), _differences(batch))
        judged = max(1, len(batch) // 2)  # the trunk costs as much as the autoencoder, and half a batch says as much
        seen = self._eye.distance(result[:judged], batch[:judged]) if self._eye is not None else torch.zeros(())
        total = absolute + edges + self._perceptual_weight * seen + self._divergence_weight * divergence
        squared = F.mse_loss(result, batch)
        return total, {
            "absolute": absolute,
            "perceptual": seen,
            "divergence": divergence,
            "psnr_db": -10 * torch.log10(squared / 4),
        }

    @torch.no_grad()
    def sample(self) -> Image.Image:
        result = self._autoencoder.decode(self._autoencoder.encode(self._shown).mode())
        return strip(torch.cat([self._shown, result]), columns=len(self._shown))

    def _pictures(self, rng: np.random.Generator, count: int, size_px: int) -> Pixels:
        pictures = list[Tensor]()
        for _ in range(count):
            picture = compose(self._library, rng).picture
            top, left = (int(rng.integers(0, side - size_px + 1)) for side in (picture.height, picture.width))
            crop = picture.crop((left, top, left + size_px, top + size_px))
            pictures.append(to_pixels(np.asarray(crop)))
        return torch.stack(pictures).contiguous(memory_format=torch.channels_last)


def to_pixels(array: npt.NDArray[np.uint8]) -> Tensor:
    """Bytes (h, w, 3) to floats (3, h, w) in −1..1."""
    return torch.tensor(array, dtype=torch.float32).div(127.5).sub(1).permute(2, 0, 1)


def strip(pixels: Pixels, columns: int) -> Image.Image:
    """Pictures side by side, ``columns`` in a row."""
    array = ((pixels.float().clamp(-1, 1) + 1) * 127.5).byte().permute(0, 2, 3, 1).cpu().numpy()
    rows = [np.concatenate(list(array[i : i + columns]), axis=1) for i in range(0, len(array), columns)]
    return Image.fromarray(np.concatenate(rows, axis=0))


def _differences(pixels: Pixels) -> Tensor:
    """Horizontal and vertical neighbours' differences, one after the other."""
    across = pixels[..., :, 1:] - pixels[..., :, :-1]
    down = pixels[..., 1:, :] - pixels[..., :-1, :]
    return torch.cat([across.flatten(1), down.flatten(1)], dim=1)
