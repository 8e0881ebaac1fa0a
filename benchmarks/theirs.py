"""diffusers at what is measured, in its plain settings: eager, float32, its own pipeline."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.checkpoint import KIND, SCHEDULE, Files
from benchmarks.inputs import NEGATIVE, PROMPT, Inputs, Witness, sums
from mezzotint.weights.safetensors import open_tensors
from tests.parity import oracles


def prepare(work: str, files: Files, inputs: Inputs) -> Callable[[], Tensor | Witness]:
    """What is timed, ready to run."""
    if work == "load":
        return lambda: _loaded(files)
    pipe = pipeline(files.wide)
    return {
        "step": lambda: pipe.unet(inputs.latents, inputs.timestep, inputs.context).sample,
        "text": lambda: pipe.text_encoder(inputs.tokens).last_hidden_state,
        "decode": lambda: pipe.vae.decode(inputs.latents[:1]).sample,
        "encode": lambda: pipe.vae.encode(inputs.pixels).latent_dist.mean,
        "picture": lambda: _picture(pipe, inputs),
    }[work]


def pipeline(file: Path) -> Any:  # Any: diffusers is not typed
    """diffusers' pipeline on the weights of a file in the released layout, where they lie."""
    with oracles.quietly():
        import diffusers

        tensors = open_tensors(file)
        (text,) = KIND.text_twins().values()
        text_encoder: Any = text.fill(tensors)
        return diffusers.StableDiffusionPipeline(
            vae=KIND.autoencoder_twin().fill(tensors),
            text_encoder=text_encoder,
            tokenizer=oracles.tokenizer(),
            unet=KIND.network_twin().fill(tensors),
            scheduler=diffusers.EulerDiscreteScheduler(**SCHEDULE, timestep_spacing="linspace"),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )


def _picture(pipe: Any, inputs: Inputs) -> Tensor:
    pipe.set_progress_bar_config(disable=True)
    made = pipe(
        PROMPT,
        negative_prompt=NEGATIVE,
        num_inference_steps=inputs.steps,
        guidance_scale=inputs.scale,
        latents=inputs.start,
        height=inputs.size_px,
        width=inputs.size_px,
        output_type="np",
    )
    return torch.tensor(made.images[0])


def _loaded(files: Files) -> Witness:
    with oracles.quietly():
        import diffusers

        pipe = diffusers.StableDiffusionPipeline.from_pretrained(
            files.folder, torch_dtype=torch.float32, local_files_only=True, safety_checker=None
        )
    return lambda: sums(pipe.unet, pipe.vae, pipe.text_encoder.text_model)
