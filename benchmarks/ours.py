"""mezzotint at what is measured."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from benchmarks.checkpoint import KIND, Files
from benchmarks.inputs import NEGATIVE, PROMPT, Inputs, Witness, sums
from mezzotint.contract.requests import GenerationRequest
from mezzotint.engine import Engine
from mezzotint.engine.loading import load_text_encoder
from mezzotint.generate import generate
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.unet import UNet
from mezzotint.weights.loading import build
from mezzotint.weights.safetensors import open_tensors


def prepare(work: str, files: Files, inputs: Inputs) -> Callable[[], Tensor | Witness]:
    """What is timed, ready to run."""
    family = KIND.family
    if work == "load":
        return lambda: _loaded(files)
    if work == "picture":
        engine = Engine(files.home, "cpu")
        engine.load("random")
        return lambda: _picture(engine, inputs)
    tensors = open_tensors(files.wide)
    if work == "step":
        network = build(UNet, family.network.config, tensors, prefix=family.network.prefix)
        return lambda: network(inputs.latents, inputs.timestep.expand(2), inputs.context)
    if work == "text":
        (part,) = family.text_encoders.values()
        encoder = load_text_encoder(part, tensors)
        return lambda: encoder(inputs.tokens)
    autoencoder = build(Autoencoder, family.autoencoder.config, tensors, prefix=family.autoencoder.prefix)
    if work == "decode":
        return lambda: autoencoder.decode(inputs.latents[:1])
    return lambda: autoencoder.encode(inputs.pixels).mean


def _picture(engine: Engine, inputs: Inputs) -> Tensor:
    request = GenerationRequest(
        prompt=PROMPT,
        negative=NEGATIVE,
        model="random",
        sampler="Euler",
        steps=inputs.steps,
        cfg_scale=inputs.scale,
        width=inputs.size_px,
        height=inputs.size_px,
        seed=inputs.seed,
    )
    (picture,) = generate(engine, request).pictures
    return torch.tensor(np.asarray(picture.image), dtype=torch.float32) / 255


def _loaded(files: Files) -> Witness:
    model = Engine(files.home, "cpu").load("random")
    return lambda: sums(model.network, model.autoencoder, model.text_encoders["clip_l"])
