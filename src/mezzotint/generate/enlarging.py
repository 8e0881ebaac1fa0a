"""Between the two passes: latents or pictures made larger."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from mezzotint.errors import UnknownName
from mezzotint.families.family import Model
from mezzotint.generate.decode import decode
from mezzotint.generate.start import encoded
from mezzotint.imaging.hires import HiresSize
from mezzotint.imaging.resize import Enlarge, lanczos
from mezzotint.shapes import Latents
from mezzotint.upscalers import LATENT_UPSCALERS, UPSCALERS
from mezzotint.upscalers.networks import enlarging, load_network
from mezzotint.weights.safetensors import open_tensors


def require_upscaler(name: str, *, of_latents: bool = True) -> None:
    """Raise UnknownName unless there is such an upscaler."""
    if name not in UPSCALERS and not (of_latents and name in LATENT_UPSCALERS):
        raise UnknownName("upscaler", name, [*(LATENT_UPSCALERS if of_latents else ()), *UPSCALERS])


def enlarge_by(
    name: str,
    *,
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    should_stop: Callable[[], bool] = lambda: False,
) -> Enlarge:
    """The upscaler of pictures of that name, "" being Lanczos. Raises UnknownName, ModelFileError or Cancelled."""
    if not name:
        return lanczos
    upscaler = UPSCALERS[name]
    if upscaler.enlarge is not None:
        return upscaler.enlarge
    assert upscaler.weights is not None
    network = load_network(open_tensors(upscaler.weights), dtype=dtype, device=device)
    return enlarging(network, should_stop=should_stop)


def enlarged(
    model: Model, latents: Latents, size: HiresSize, upscaler: str, enlarge: Callable[[], Enlarge]
) -> Float[Tensor, "b c h2 w2"]:
    """The first pass's latents at the second one's size; ``enlarge`` gives the upscaler where it works on pictures."""
    if upscaler in LATENT_UPSCALERS:
        return size.trim(LATENT_UPSCALERS[upscaler](latents, *size.cells))
    by = enlarge()
    pictures = [by(decode(model, row[None]), *size.upscaled) for row in latents]
    cell = model.family.latents.cell_px
    whole = [lanczos(picture, *(side // cell * cell for side in picture.size)) for picture in pictures]
    return size.trim(torch.cat([encoded(model, picture) for picture in whole]))
