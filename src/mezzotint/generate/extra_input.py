"""What some models see beside the noisy latents: a mask with the masked picture, a picture to edit or to enlarge."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mezzotint.diffusion.noise import normals
from mezzotint.errors import RequestError, require
from mezzotint.families.family import Model
from mezzotint.generate.inpainting import Inpainting, whole_mask
from mezzotint.generate.start import FirstPicture, to_pixels
from mezzotint.imaging.resize import lanczos
from mezzotint.shapes import Latents

LOW_RES_NOISE_LEVEL = 20
"""How much noise lies on the picture that the x4 upscaler is shown: timestep of 0..350 of its own table."""

_LOW_RES_BETAS = 0.0001, 0.02  # linear over 1000 steps (Ho et al. 2020, arXiv:2006.11239)


@dataclass(frozen=True, eq=False)
class ExtraInput:
    """Further input channels for one picture's latents, and the label that goes with them."""

    concat: Tensor | None = None
    labels: Tensor | None = None


def extra_input(
    model: Model,
    shape: tuple[int, int, int],
    first: FirstPicture | None,
    inpainting: Inpainting | None,
    *,
    mask_weight: float,
    seed: int,
) -> ExtraInput:
    """What this model is shown for latents of ``shape``; nothing for plain models.

    ``mask_weight`` is the share of the masked part that is hidden. Raises RequestError if a picture is missing.
    """
    kind = model.family.extra_input
    if kind == "nothing":
        return ExtraInput()
    device = model.autoencoder.quant_conv.weight.device
    if kind == "inpainting":
        return ExtraInput(_masked(model, torch.empty(1, *shape, device=device), first, inpainting, mask_weight))
    require(first is not None, f"{model.source.name} works on a picture", hint="give one with --init")
    assert first is not None
    if kind == "instruct":
        weight = model.autoencoder.quant_conv.weight
        picture = model.autoencoder.encode(to_pixels(first.fitted).to(weight.device, weight.dtype)).mode()
        return ExtraInput(picture.float())
    if kind == "low-res":
        return _low_res(first, shape, seed, device)
    raise RequestError(
        f"{model.source.name} wants a depth map of the picture, which mezzotint cannot make yet",
        hint="choose a model without depth",
    )


def _masked(
    model: Model, like: Latents, first: FirstPicture | None, inpainting: Inpainting | None, mask_weight: float
) -> Tensor:
    """The mask, 1 where to repaint, then the scaled latents of the picture with that part grey."""
    weight = model.autoencoder.quant_conv.weight
    height, width = like.shape[-2:]
    side = model.family.latents.cell_px
    if first is None:
        mask, pixels = whole_mask(like), torch.zeros(1, 3, height * side, width * side)
    else:
        pixels = to_pixels(first.fitted)
        if inpainting is None:
            over = torch.ones_like(pixels[:, :1])
        else:
            over = (to_pixels(inpainting.work_mask.convert("RGB"))[:, :1] / 2 + 0.5).round()
        mask = F.interpolate(over, size=(height, width), mode="nearest").to(like.device)
        pixels = pixels.lerp(pixels * (1 - over), mask_weight)
    latents = model.family.latents.scaled(model.autoencoder.encode(pixels.to(weight.device, weight.dtype)).mode())
    return torch.cat([mask, latents.float()], dim=1)


def _low_res(first: FirstPicture, shape: tuple[int, int, int], seed: int, device: torch.device) -> ExtraInput:
    """The picture at the latents' size with noise of its own seed on it."""
    _, height, width = shape
    pixels = to_pixels(lanczos(first.given, width, height))
    betas = torch.linspace(*_LOW_RES_BETAS, 1000, dtype=torch.float64)
    signal = float((1 - betas).cumprod(0)[LOW_RES_NOISE_LEVEL])
    noise = normals("NV", seed, (3, height, width))
    noisy = pixels * signal**0.5 + noise * (1 - signal) ** 0.5
    return ExtraInput(noisy.to(device), torch.tensor([LOW_RES_NOISE_LEVEL], device=device))
