"""Stable Diffusion 1 against diffusers and transformers: our loader, networks and pipeline on the same random weights.

The weights lie in a file of the real layout. Reduced widths run always, full size among the slow tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from mezzotint.diffusion.noise import PictureNoise
from mezzotint.engine import Engine
from mezzotint.families.family import Family, Model, Part
from mezzotint.families.recognition import recognise
from mezzotint.families.sd1 import SD1
from mezzotint.families.text import encode_prompt
from mezzotint.generate import generate
from mezzotint.imaging.files import encode
from mezzotint.nn.autoencoder import AutoencoderConfig
from mezzotint.nn.clip_text import CLIPTextConfig
from mezzotint.nn.unet import UNetConfig
from mezzotint.prompt.attention import parse_attention
from mezzotint.prompt.chunks import chunk
from mezzotint.weights.saving import save
from tests.factories import a_request
from tests.parity import oracles
from tests.parity.measures import NETWORK, difference, randn
from tests.parity.oracles import Oracle, Sizes

PIPELINE = 1e-3  # the same through eight guided steps, each of which magnifies what differs
PROMPT, NEGATIVE = "a photograph of an astronaut riding a horse", "blurry, low quality"
STEPS, SCALE, SEED, SIZE_PX = 8, 7.5, 1234, 64
STRENGTH = 0.6


@dataclass(frozen=True, eq=False)
class Pair:
    """The same weights in both implementations."""

    ours: Model
    theirs: Oracle
    engine: Engine


@pytest.fixture(scope="module", params=["small", pytest.param("full", marks=pytest.mark.slow)])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    sizes: Sizes = {"small": oracles.SMALL, "full": oracles.FULL}[request.param]
    home: Path = tmp_path_factory.mktemp("parity")
    path = home / "models" / "Stable-diffusion" / "random.safetensors"
    theirs = oracles.build(sizes)
    save(path, theirs.weights | oracles.leftovers())
    engine = Engine(home, "cpu")
    with pytest.MonkeyPatch.context() as patch:
        if sizes is not oracles.FULL:  # which nobody has registered
            patch.setattr("mezzotint.engine.loading.recognise", partial(recognise, families=[reduced(sizes)]))
        yield Pair(engine.load("random"), theirs, engine)
    path.unlink()  # gigabytes, at full size


def reduced(sizes: Sizes) -> Family:
    """The family table of SD 1 at other widths."""
    text = CLIPTextConfig(width=sizes.width, layers=sizes.layers, heads=sizes.text_heads)
    return replace(
        SD1,
        network=Part(SD1.network.prefix, UNetConfig(channels=sizes.channels, heads=sizes.heads, context=sizes.width)),
        autoencoder=Part(SD1.autoencoder.prefix, AutoencoderConfig(channels=sizes.autoencoder)),
        text_encoders={"clip_l": replace(SD1.text_encoders["clip_l"], config=text)},
        signature={"model.diffusion_model.input_blocks.0.0.weight": (sizes.channels[0], 4, 3, 3)},
    )


def ids(prompt: str, model: Model) -> list[int]:
    (part,) = chunk(parse_attention(prompt), model.tokenizer)
    return list(part.ids)


def test_the_file_has_every_tensor_we_look_for_and_no_other(pair: Pair) -> None:
    family, weights = pair.ours.family, pair.theirs.weights
    parts = {
        family.network.prefix: pair.ours.network,
        family.autoencoder.prefix: pair.ours.autoencoder,
        family.text_encoders["clip_l"].prefix: pair.ours.text_encoders["clip_l"],
    }

    assert {prefix + name for prefix, part in parts.items() for name in part.state_dict()} == set(weights)


@pytest.mark.parametrize("skip", [1, 2])
@torch.inference_mode()
def test_text_is_encoded_alike(pair: Pair, skip: int) -> None:
    ours = encode_prompt(pair.ours, PROMPT, skip)["clip_l"].tokens

    assert difference(ours, pair.theirs.text(ids(PROMPT, pair.ours), skip=skip)) <= NETWORK


@pytest.mark.parametrize("timestep", [0.0, 353.890411, 999.0])
@torch.inference_mode()
def test_the_network_predicts_alike(pair: Pair, timestep: float) -> None:
    x, timesteps = randn(2, 4, 8, 16), torch.tensor([timestep, 500.0])
    context = randn(2, 77, pair.ours.family.network.config.context)

    ours = pair.ours.network(x, timesteps, context)

    assert difference(ours, pair.theirs.noise(x, timesteps, context)) <= NETWORK


@torch.inference_mode()
def test_pictures_are_encoded_alike(pair: Pair) -> None:
    pixels = randn(1, 3, 64, 72).clamp(-1, 1)

    ours = pair.ours.autoencoder.encode(pixels)

    theirs = pair.theirs.autoencoder.encode(pixels).latent_dist
    assert difference(ours.mean, theirs.mean) <= NETWORK
    assert difference(ours.log_variance, theirs.logvar) <= NETWORK


@torch.inference_mode()
def test_latents_are_decoded_alike(pair: Pair) -> None:
    latents = randn(1, 4, 8, 9)

    ours = pair.ours.autoencoder.decode(latents)

    assert difference(ours, pair.theirs.autoencoder.decode(latents).sample) <= NETWORK


SAMPLERS = pytest.mark.parametrize(("sampler", "scheduler"), [("Euler", "Automatic"), ("DPM++ 2M", "Karras")])


@SAMPLERS
def test_the_whole_pipeline_gives_the_same_latents(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, sampler: str, scheduler: str
) -> None:
    ours = final_latents(pair, monkeypatch, sampler=sampler, scheduler=scheduler)

    assert difference(ours, reference_latents(pair, sampler)) <= PIPELINE


@SAMPLERS
def test_the_whole_pipeline_gives_the_same_latents_from_a_picture(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, sampler: str, scheduler: str
) -> None:
    picture = a_picture()
    init = {"picture": encode(picture), "strength": STRENGTH}

    ours = final_latents(pair, monkeypatch, sampler=sampler, scheduler=scheduler, init=init)

    assert difference(ours, reference_latents(pair, sampler, picture)) <= PIPELINE


def a_picture() -> Image.Image:
    """A slope of colours with grain on it."""
    slope = torch.linspace(40, 200, SIZE_PX)[:, None, None] + torch.tensor([0.0, 20.0, 40.0])
    values = (slope + 10 * randn(SIZE_PX, SIZE_PX, 3)).clamp(0, 255)
    return Image.fromarray(values.to(torch.uint8).numpy())


def final_latents(pair: Pair, monkeypatch: pytest.MonkeyPatch, **fields: Any) -> Tensor:
    """What our pipeline hands to the decoder."""
    seen = list[Tensor]()

    def remember(model: Model, latents: Tensor) -> Image.Image:
        seen.append(latents.clone())
        return Image.new("RGB", (SIZE_PX, SIZE_PX))

    monkeypatch.setattr("mezzotint.generate.driver.decode", remember)
    plain = {"prompt": PROMPT, "negative": NEGATIVE, "cfg_scale": SCALE, "width": SIZE_PX, "height": SIZE_PX}
    generate(pair.engine, a_request(model="random", steps=STEPS, seed=SEED, **plain, **fields))
    return seen[0]


@torch.inference_mode()
def reference_latents(pair: Pair, sampler: str, picture: Image.Image | None = None) -> Tensor:
    """The pipeline again: their networks, driven by k-diffusion. Token ids and the first noise are ours."""
    positive, negative = (pair.theirs.text(ids(prompt, pair.ours)) for prompt in (PROMPT, NEGATIVE))
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    noise = PictureNoise([SEED])((4, SIZE_PX // 8, SIZE_PX // 8))
    with oracles.k_diffusion() as (sampling, external):
        denoiser = external.DiscreteEpsDDPMDenoiser(
            pair.theirs.noise, torch.cumprod(1 - betas, dim=0).float(), quantize=False
        )

        def guided(x: Tensor, sigma: Tensor) -> Tensor:
            towards, away = (denoiser(x, sigma, context=context) for context in (positive, negative))
            return away + SCALE * (towards - away)

        if sampler == "Euler":
            sigmas, sample = denoiser.get_sigmas(STEPS), sampling.sample_euler
        else:
            sigmas = sampling.get_sigmas_karras(STEPS, denoiser.sigma_min.item(), denoiser.sigma_max.item())
            sample = sampling.sample_dpmpp_2m
        if picture is None:
            return sample(guided, noise * sigmas[0], sigmas, disable=True)
        sigmas = sigmas[-2 - int(STRENGTH * STEPS) :]  # so many steps and one more: A1111 counts like this
        return sample(guided, their_latents(pair, picture) + noise * sigmas[0], sigmas, disable=True)


def their_latents(pair: Pair, picture: Image.Image) -> Tensor:
    """The mean of what their autoencoder makes of a picture, in SD 1's scale."""
    pixels = torch.tensor(np.asarray(picture)).permute(2, 0, 1)[None] / 255 * 2 - 1
    return 0.18215 * pair.theirs.autoencoder.encode(pixels).latent_dist.mean
