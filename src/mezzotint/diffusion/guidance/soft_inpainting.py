"""Soft inpainting: a mask of fractions that lets go of the original as the noise falls."""

from jaxtyping import Float
from torch import Tensor

from mezzotint.diffusion.guidance.inpainting import Blend, LatentMask
from mezzotint.shapes import Latents

_NO_LENGTH = 1e-12  # of a latent: below it there is no direction to scale along


def soft_outside(
    mask: LatentMask,
    original: Latents,
    *,
    schedule_bias: float = 1.0,
    preservation: float = 0.5,
    contrast_boost: float = 4.0,
) -> Blend:
    """A mix of original and present latents by ``mask ** (preservation * sigma ** schedule_bias)``.

    Averages of unlike latents are short, and decode to grey. So each is given the length, over its channels, of a
    power mean of the two; the higher ``contrast_boost``, the nearer to the longer one. The result of a run is not
    blended again.
    """

    def blend(latents: Latents, sigma: float) -> Latents:
        share = mask ** (preservation * sigma**schedule_bias)
        mixed = original * (1 - share) + latents * share
        power_mean = (1 - share) * _length(original) ** contrast_boost + share * _length(latents) ** contrast_boost
        return mixed * (power_mean ** (1 / contrast_boost) / _length(mixed).clamp(min=_NO_LENGTH))

    return blend


def _length(latents: Latents) -> Float[Tensor, "b 1 h w"]:
    return latents.square().sum(dim=1, keepdim=True).sqrt()
