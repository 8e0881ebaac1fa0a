"""Taking back the contrast that guidance adds (Lin et al. 2023, arXiv:2305.08891, section 3.4)."""

from jaxtyping import Float
from torch import Tensor

from mezzotint.shapes import Latents


def rescaled(guided: Latents, positive: Latents, *, amount: float) -> Latents:
    """``guided`` brought towards the spread that each picture has in ``positive`` by ``amount`` (0..1).

    The paper's phi is 0.7, for models trained to zero terminal SNR. Predictions of the clean picture are rescaled, not
    of velocity: there it matters most, under large noise, the two are the same but for their sign.
    """
    if amount == 0:
        return guided
    ratio = _spread(positive) / _spread(guided)
    return guided * (amount * ratio + (1 - amount))


def _spread(x0: Latents) -> Float[Tensor, "b 1 1 1"]:
    return x0.std(dim=(1, 2, 3), keepdim=True)
