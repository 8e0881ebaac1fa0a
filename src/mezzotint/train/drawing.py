"""Drawing with a model that is still being trained."""

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.denoiser import denoiser
from mezzotint.diffusion.guidance.cfg import guide
from mezzotint.diffusion.noise import PictureNoise, step_noise
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.diffusion.start import from_noise
from mezzotint.families.family import Family, Frame, Model, ModelFile
from mezzotint.families.text import encode_prompt
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.clip_text import CLIPText
from mezzotint.nn.unet import UNet
from mezzotint.shapes import Pixels
from mezzotint.train.objectives.reconstruction import strip

_UNSAVED = ModelFile(name="in training", path=Path(), sha256="")


@torch.inference_mode()
def pictures(
    model: Model, prompts: Sequence[str], seeds: Sequence[int], *, steps: int = 20, scale: float | None = None
) -> Pixels:
    """One picture for each prompt and seed, side by side in one batch: faster than exact. Prompts fit in one chunk."""
    family = model.family
    side = family.native_px
    frame = Frame(width=side, height=side)
    device = next(model.network.parameters()).device
    conditions = [family.condition(encode_prompt(model, prompt), frame).context for prompt in prompts]
    empty = family.condition(encode_prompt(model, ""), frame)
    denoise = guide(
        denoiser(model.network, family.noise_process),
        Conditioning(torch.cat(conditions)),
        empty,
        family.default_cfg if scale is None else scale,
    )
    sampler, schedule = SAMPLERS[family.default_sampler], SCHEDULES[family.default_schedule]
    start = from_noise(sampler, family.noise_process, schedule, steps)
    shape = (family.latents.channels, side // family.latents.cell_px, side // family.latents.cell_px)
    source = PictureNoise(seeds, device=device)
    x = start.mix(source(shape))
    for step in sampler(denoise, x, start.sigmas, step_noise(source, shape)):
        x = step.x
    return model.autoencoder.decode(family.latents.unscaled(x))


def draw(
    family: Family, network: UNet, text: CLIPText, autoencoder: Autoencoder, prompts: Sequence[str], *, seed: int
) -> Image.Image:
    """A strip of pictures, one for each prompt, all from the same seed."""
    (name,) = family.text_encoders
    model = Model(family, network, {name: text}, autoencoder, _UNSAVED)
    return strip(pictures(model, prompts, [seed] * len(prompts)), columns=len(prompts))
