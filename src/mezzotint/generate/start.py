"""Where img2img begins: the start picture brought to size, and as latents."""

from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from PIL import Image

from mezzotint.contract.requests import InitImage
from mezzotint.families.family import Frame, Model
from mezzotint.imaging.files import pixel_hash
from mezzotint.imaging.inputs import start_picture
from mezzotint.imaging.resize import RESIZERS, Enlarge, lanczos
from mezzotint.shapes import Latents, Pixels
from mezzotint.upscalers import LATENT_UPSCALERS


@dataclass(frozen=True, eq=False)
class FirstPicture:
    """The start picture as it was given and at the size to work at, its scaled latents, and the md5 of its pixels."""

    given: Image.Image
    fitted: Image.Image
    latents: Latents
    pixel_hash: str


def first_picture(model: Model, init: InitImage, frame: Frame, *, enlarge: Enlarge = lanczos) -> FirstPicture:
    """The start picture read and encoded. ``enlarge`` serves where it has to grow.

    Raises RequestError or DamagedFile if it cannot be read.
    """
    picture = start_picture(init)
    if init.fit == "latent":  # encoded as it is, its latents resized
        small = lanczos(picture, *(max(side // 8 * 8, 8) for side in picture.size))
        cell = model.family.latents.cell_px
        latents = LATENT_UPSCALERS["Latent"](encoded(model, small), frame.width // cell, frame.height // cell)
        fitted = lanczos(picture, frame.width, frame.height)
    else:
        fitted = RESIZERS[init.fit](picture, frame.width, frame.height, enlarge=enlarge)
        latents = encoded(model, fitted)
    return FirstPicture(picture, fitted, latents, pixel_hash(picture))


def encoded(model: Model, picture: Image.Image) -> Latents:
    """The scaled latents of a picture: the mean of the posterior, so that no chance is involved."""
    weight = model.autoencoder.quant_conv.weight
    pixels = to_pixels(picture).to(weight.device, weight.dtype)
    return model.family.latents.scaled(model.autoencoder.encode(pixels).mode()).float()


def to_pixels(picture: Image.Image) -> Pixels:
    """An RGB picture as numbers from -1 to 1."""
    values = torch.tensor(np.asarray(picture), dtype=torch.float32)
    return rearrange(values / 127.5 - 1, "h w c -> 1 c h w")
