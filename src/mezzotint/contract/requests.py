"""Requests: frozen descriptions of work, the same from every door."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mezzotint.contract.checking import checked
from mezzotint.contract.parts import (
    CFGScale,
    Fit,
    Hires,
    InitImage,
    Mask,
    Name,
    Network,
    OldWays,
    Output,
    Part,
    PictureSource,
    Prompt,
    Refiner,
    Share,
    UniPC,
)

__all__ = ["SEED_MAX", "Fit", "GenerationRequest", "InitImage", "PictureSource", "checked"]

SEED_MAX = 2**63 - 1

Emphasis = Literal["Original", "No norm", "Ignore", "None"]
"""What ``(word:1.2)`` does: weigh and keep the mean, weigh, nothing, or stand for itself."""

NoiseSource = Literal["NV", "CPU", "GPU"]
"""Whose random numbers: NVIDIA's on any machine, the processor's, or those of whatever device computes."""

Side = Annotated[int, Field(ge=16, le=4096, multiple_of=8)]
Pixels = Annotated[int, Field(ge=8, le=16_384)]
Seed = Annotated[int, Field(ge=-1, le=SEED_MAX)]


class GenerationRequest(Part):
    """Pictures from words; from words and a picture when ``init`` is given.

    None and ``""`` leave the choice to the model's family (``model=""`` is the embedded model); ``seed=-1`` draws one.
    Pictures of a batch have consecutive seeds, variations (``subseed_strength`` above 0) consecutive subseeds.
    """

    # words
    prompt: Prompt
    negative: Prompt = ""
    styles: tuple[Name, ...] = Field(default=(), max_length=100)
    """Names of saved texts to merge into the prompts. Infotext holds the merged prompts and no names."""
    networks: tuple[Network, ...] = Field(default=(), max_length=100)
    """Additions to the model beside those that the prompt names; infotext holds them as tags of the prompt."""
    clip_skip: int = Field(default=1, ge=1, le=12)
    """Text encoder layer counted from the last, which is 1."""
    clip_l_skip: bool = False
    """``clip_skip`` counts for Stable Diffusion XL's CLIP-L too, whose last but one is taken otherwise."""
    emphasis: Emphasis = "Original"
    comma_backtrack: int = Field(default=20, ge=0, le=74)
    """How many tokens may move to the next chunk so that a phrase is not cut."""

    # what draws
    model: Name = ""
    vae: Name = ""
    """The autoencoder file; "" is the one chosen for the model, ``None`` as a word the one inside it."""
    width: Side | None = None
    height: Side | None = None
    tiling_x: bool = False
    """Left and right edge fit together."""
    tiling_y: bool = False
    """Top and bottom edge fit together."""

    # noise
    seed: Seed = -1
    count: int = Field(default=1, ge=1, le=10_000)
    subseed: Seed = -1
    """The noise that variations move towards."""
    subseed_strength: Share = 0.0
    """How far they move: 0 stays, 1 arrives."""
    seed_resize: tuple[Pixels, Pixels] | None = None
    """Width and height of the picture whose noise is put in the middle of this one's."""
    noise_source: NoiseSource = "NV"
    ensd: int = Field(default=0, ge=0, le=2**32 - 1)
    """Added to the seed for all noise after the first ("eta noise seed delta")."""

    # sampling
    steps: int | None = Field(default=None, ge=1, le=150)
    sampler: Name | None = None
    scheduler: Name | None = None
    eta: Share | None = None
    """Share of the removed noise that is put back; None is the sampler's own."""
    s_churn: float = Field(default=0.0, ge=0, le=1000)
    """Noise that Euler, Heun and DPM2 add before each step (Karras et al. 2022, arXiv:2206.00364, algorithm 2)."""
    s_tmin: float = Field(default=0.0, ge=0, le=10_000)
    """Noise level from which on they do."""
    s_tmax: float | None = Field(default=None, ge=0, le=10_000)
    """Noise level up to which they do; None is any."""
    s_noise: float = Field(default=1.0, ge=0, le=10)
    """Factor on all noise that a sampler adds."""
    sigma_min: float | None = Field(default=None, ge=1e-4, le=10_000)
    """Smallest noise level of the schedule; None is the model's."""
    sigma_max: float | None = Field(default=None, ge=1e-4, le=10_000)
    """Largest noise level of the schedule; None is the model's."""
    rho: float | None = Field(default=None, ge=1e-2, le=100)
    """Bend of the Karras and polyexponential schedules; None is their own."""
    beta_alpha: float = Field(default=0.6, ge=1e-2, le=10)
    """First parameter of the beta schedule."""
    beta_beta: float = Field(default=0.6, ge=1e-2, le=10)
    """Second parameter of the beta schedule."""
    unipc: UniPC = UniPC()
    discard_penultimate: bool = False
    """Leave out the noise level before the last, whatever the sampler."""
    sgm_noise_multiplier: bool = False
    """Scale the first noise by sqrt(1 + sigma^2), as SDXL's own code does."""
    zero_terminal_snr: bool = False
    """Let the schedule begin at noise alone (Lin et al. 2023, arXiv:2305.08891)."""
    quantize_timesteps: bool = False
    """Ask the network only about whole timesteps."""

    # guidance
    cfg_scale: CFGScale | None = None
    cfg_rescale: Share = 0.0
    """How far the guided prediction gets the contrast of the unguided one (Lin et al. 2023, arXiv:2305.08891)."""
    guidance_interval: tuple[Share, Share] = (0.0, 1.0)
    """From which to which share of the way guidance acts (Kynkäänniemi et al. 2024, arXiv:2404.07724)."""
    image_cfg_scale: CFGScale | None = None
    """How closely an InstructPix2Pix model follows the start picture."""
    skip_early_cond: Share = 0.0
    """Share of the first steps that ignore the negative prompt."""
    s_min_uncond: float = Field(default=0.0, ge=0, le=100)
    """Noise level below which every other step ignores the negative prompt."""
    s_min_uncond_all: bool = False
    """Every step below that level does."""
    pad_conds: bool = False
    """Bring both prompts to one length with the encoding of an empty prompt, whatever the guidance scale."""

    # parts
    init: InitImage | None = None
    mask: Mask | None = None
    conditional_mask_weight: Share = 1.0
    """How much of the masked parts is hidden from a model made for inpainting."""
    hires: Hires | None = None
    refiner: Refiner | None = None
    old_ways: OldWays = OldWays()
    output: Output | None = None
    """How the file is written; None is as PNG, or as its name ends."""

    @model_validator(mode="after")
    def _parts_fit_together(self) -> GenerationRequest:
        start, end = self.guidance_interval
        conflicts = {
            "a mask needs a start picture: give init too": self.mask is not None and self.init is None,
            "a second pass follows a picture made from words alone: give init or hires": self.init is not None
            and self.hires is not None,
            f"guidance_interval: its start {start:g} is after its end {end:g}": start > end,
        }
        for message, holds in conflicts.items():
            if holds:
                raise PydanticCustomError("conflict", "{message}", {"message": message})
        return self
