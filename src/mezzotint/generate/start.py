"""Where sampling begins: noise levels from the schedule, and for img2img the first picture as latents."""

from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from PIL import Image

from mezzotint.contract.requests import GenerationRequest, InitImage
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Sampler
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.diffusion.start import Start, from_noise, from_picture
from mezzotint.families.family import Frame, Model
from mezzotint.imaging.files import pixel_hash, read_picture
from mezzotint.imaging.resize import RESIZERS
from mezzotint.shapes import Latents, Pixels


@dataclass(frozen=True, eq=False)
class FirstPicture:
    """The picture of img2img as scaled latents, and the md5 of its pixels as they were given."""

    latents: Latents
    pixel_hash: str


def levels(model: Model, request: GenerationRequest, sampler: Sampler) -> Start:
    """The noise levels that a resolved request visits."""
    schedule, noise_process = SCHEDULES[request.scheduler or "Automatic"], model.family.noise_process
    steps = request.steps or model.family.default_steps
    if request.init is None:
        return from_noise(sampler, noise_process, schedule, steps)
    return from_picture(sampler, noise_process, schedule, steps, request.init.strength)


def sampler_of(request: GenerationRequest) -> tuple[Sampler, dict[str, float]]:
    """The sampler of a resolved request and the options to call it with."""
    sampler = SAMPLERS[request.sampler or ""]
    return sampler, {} if request.eta is None else {"eta": request.eta}


def first_picture(model: Model, init: InitImage, frame: Frame) -> FirstPicture:
    """The picture brought to size and encoded. The mean of the posterior, so that no chance is involved.

    Raises RequestError or DamagedFile if it cannot be read.
    """
    picture = read_picture(init.picture)
    fitted = RESIZERS[init.fit](picture, frame.width, frame.height)
    weight = model.autoencoder.quant_conv.weight
    pixels = to_pixels(fitted).to(weight.device, weight.dtype)
    latents = model.family.latents.scaled(model.autoencoder.encode(pixels).mode())
    return FirstPicture(latents.float(), pixel_hash(picture))


def to_pixels(picture: Image.Image) -> Pixels:
    """An RGB picture as numbers from -1 to 1."""
    values = torch.tensor(np.asarray(picture), dtype=torch.float32)
    return rearrange(values / 127.5 - 1, "h w c -> 1 c h w")
