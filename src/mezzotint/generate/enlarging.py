"""Between the two passes: latents or pictures made larger."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from mezzotint.engine.catalog import Catalog
from mezzotint.families.family import Model
from mezzotint.generate.decode import decode
from mezzotint.generate.start import encoded
from mezzotint.imaging.hires import HiresSize
from mezzotint.imaging.resize import Enlarge, lanczos
from mezzotint.shapes import Latents
from mezzotint.upscalers import LATENT_UPSCALERS
from mezzotint.upscalers.files import load_upscaler
from mezzotint.upscalers.networks import enlarging


def require_upscaler(name: str, catalog: Catalog, *, of_latents: bool = True) -> None:
    """Raise UnknownName unless there is such an upscaler, ModelFileError if its file holds none."""
    if not of_latents:
        catalog.find_upscaler(name)
    elif name not in LATENT_UPSCALERS:
        catalog.find_upscaler(name, besides=LATENT_UPSCALERS)


def enlarge_by(
    name: str,
    catalog: Catalog,
    *,
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    should_stop: Callable[[], bool] = lambda: False,
) -> Enlarge:
    """The upscaler of pictures of that name, "" being Lanczos. Raises UnknownName, ModelFileError or Cancelled."""
    if not name:
        return lanczos
    upscaler = catalog.find_upscaler(name)
    if upscaler.enlarge is not None:
        return upscaler.enlarge
    assert upscaler.weights is not None
    return enlarging(load_upscaler(upscaler.weights, dtype=dtype, device=device), should_stop=should_stop)


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
