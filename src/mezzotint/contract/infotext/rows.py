"""The table between infotext and request: which key tells which field, in which words, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from mezzotint.contract.parts import Fit, Hires, InitImage, Mask, Part, Refiner, SoftInpainting
from mezzotint.contract.requests import GenerationRequest

RESIZE_MODES: Mapping[Fit, str] = {
    "stretch": "Just resize",
    "crop": "Crop and resize",
    "fill": "Resize and fill",
    "latent": "Just resize (latent upscale)",
}

ALWAYS: Final = object()
"""In place of a value that is not written: the row is always written."""

OPTIONAL_PARTS: Mapping[str, type[Part]] = {
    "init": InitImage,
    "mask": Mask,
    "mask.soft": SoftInpainting,
    "hires": Hires,
    "refiner": Refiner,
}
"""Parts that a request may lack, by their place in it."""


@dataclass(frozen=True)
class Row:
    """A key that tells one field.

    ``omitted`` is the value that is not written and that an absent key stands for, the field's default if None is
    given. ``words`` are texts with a meaning of their own; ``also`` are other spellings of the key that are read.
    """

    key: str
    path: str
    omitted: object = None
    words: Mapping[str, object] = field(default_factory=dict[str, object])
    also: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """The place of the part that holds the field; "" is the request itself."""
        return self.path.rpartition(".")[0]

    @cached_property
    def default(self) -> object:
        """The field's default."""
        kind = OPTIONAL_PARTS.get(self.part, GenerationRequest)
        value: Any = None  # a field's default: of any type
        for name in self.path.removeprefix(f"{self.part}." if self.part in OPTIONAL_PARTS else "").split("."):
            value = getattr(value, name) if value is not None else kind.model_fields[name].default
        return value

    def value(self, request: GenerationRequest) -> object:
        """What is to be written, None if nothing is."""
        value: Any = request  # any field's
        for name in self.path.split("."):
            if value is None:
                return None
            value = getattr(value, name)
        without = self.default if self.omitted is None else self.omitted
        if value is None or value == without:
            return None
        return next((word for word, meaning in self.words.items() if meaning == value), value)

    def meaning(self, text: str) -> object:
        """What a written value stands for; where it has no word of its own, the text."""
        return self.words.get(text, text)


_NONE_AT_ZERO: Mapping[str, object] = {"0": None, "0.0": None, "inf": None}

ROWS: tuple[Row, ...] = (
    Row("Steps", "steps"),
    Row("Sampler", "sampler"),
    Row("Schedule type", "scheduler"),
    Row("CFG scale", "cfg_scale"),
    Row("Image CFG scale", "image_cfg_scale"),
    Row("Seed", "seed", ALWAYS),
    Row("Clip skip", "clip_skip"),
    Row("RNG", "noise_source", "GPU"),
    Row("Mask mode", "mask.invert", words={"Inpaint masked": False, "Inpaint not masked": True}),
    Row("Inpaint area", "mask.area", words={"Whole picture": "whole picture", "Only masked": "only masked"}),
    Row("Masked content", "mask.fill"),
    Row("Noise multiplier", "init.noise_multiplier"),
    Row("Hires steps", "hires.steps"),
    Row("Hires upscaler", "hires.upscaler", ALWAYS),
    Row("Hires checkpoint", "hires.model", words={"Use same checkpoint": ""}),
    Row("Hires sampler", "hires.sampler", words={"Use same sampler": None}),
    Row("Hires schedule type", "hires.scheduler", words={"Use same scheduler": None}),
    Row("Hires prompt", "hires.prompt"),
    Row("Hires negative prompt", "hires.negative"),
    Row("Hires CFG Scale", "hires.cfg_scale"),
    Row("Refiner", "refiner.model", ALWAYS),
    Row("Refiner switch at", "refiner.switch_at", ALWAYS),
    Row("Refiner switch by sampling steps", "refiner.by_steps"),
    Row("Hires refiner", "refiner.hires_pass"),
    Row("Sigma churn", "s_churn"),
    Row("Sigma tmin", "s_tmin"),
    Row("Sigma tmax", "s_tmax", words=_NONE_AT_ZERO),
    Row("Sigma noise", "s_noise"),
    Row("Schedule min sigma", "sigma_min", words=_NONE_AT_ZERO),
    Row("Schedule max sigma", "sigma_max", words=_NONE_AT_ZERO),
    Row("Schedule rho", "rho", words=_NONE_AT_ZERO),
    Row("Beta schedule alpha", "beta_alpha", also=("Beta scheduler alpha",)),
    Row("Beta schedule beta", "beta_beta", also=("Beta scheduler beta",)),
    Row("Discard penultimate sigma", "discard_penultimate"),
    Row("SGM noise multiplier", "sgm_noise_multiplier"),
    Row("Pad conds", "pad_conds"),
    Row("Pad conds v0", "old_ways.pad_conds_v0"),
    Row("NGMS", "s_min_uncond"),
    Row("NGMS all steps", "s_min_uncond_all"),
    Row("Skip Early CFG", "skip_early_cond"),
    Row("Noise Schedule", "zero_terminal_snr", words={"Default": False, "Zero Terminal SNR": True}),
    Row("Downcast alphas_cumprod", "old_ways.downcast_alphas"),
    Row("Old prompt editing timelines", "old_ways.prompt_editing"),
    Row("UniPC variant", "unipc.variant"),
    Row("UniPC skip type", "unipc.skip_type"),
    Row("UniPC order", "unipc.order"),
    Row("UniPC lower order final", "unipc.lower_order_final"),
    Row("Soft inpainting schedule bias", "mask.soft.schedule_bias", ALWAYS),
    Row("Soft inpainting preservation strength", "mask.soft.preservation_strength", ALWAYS),
    Row("Soft inpainting transition contrast boost", "mask.soft.transition_contrast_boost", ALWAYS),
    Row("Soft inpainting mask influence", "mask.soft.mask_influence", ALWAYS),
    Row("Soft inpainting difference threshold", "mask.soft.difference_threshold", ALWAYS),
    Row("Soft inpainting difference contrast", "mask.soft.difference_contrast", ALWAYS),
    Row("CFG Rescale φ", "cfg_rescale", also=("CFG Rescale", "CFG Rescale phi")),
    # ours from here on: A1111 changes pictures by these without telling, or has no such thing
    Row("Resize mode", "init.fit", "stretch", words={label: fit for fit, label in RESIZE_MODES.items()}),
    Row("Init upscaler", "init.upscaler"),
    Row("Fixed steps", "init.fix_steps"),
    Row("Color correction", "init.color_correction"),
    Row("Init background", "init.background"),
    Row("Mask rounding", "mask.is_rounded"),
    Row("Mask overlay", "mask.overlay"),
    Row("Quantized timesteps", "quantize_timesteps"),
    Row("Clip skip SDXL", "clip_l_skip"),
    Row("Comma backtrack", "comma_backtrack"),
    Row("Old emphasis", "old_ways.emphasis"),
    Row("Old Karras sigmas", "old_ways.karras_sigmas"),
    Row("Old hires size", "old_ways.hires_size"),
    Row("Hires first prompts", "old_ways.hires_first_prompts"),
)

ORDER: tuple[str, ...] = tuple(
    """
    Steps|Sampler|Schedule type|CFG scale|Image CFG scale|Seed|Face restoration|Size|Model hash|Model|FP8 weight
    Cache FP16 weight for LoRA|VAE hash|VAE|Variation seed|Variation seed strength|Seed resize from|Denoising strength
    Conditional mask weight|Clip skip|ENSD|Token merging ratio|Token merging ratio hr|Init image hash|RNG|Tiling
    Mask mode|Mask blur|Inpaint area|Masked area padding|Masked content|Noise multiplier|Extra noise|Hires upscale
    Hires resize|Hires steps|Hires upscaler|Hires checkpoint|Hires sampler|Hires schedule type|Hires prompt
    Hires negative prompt|Hires CFG Scale|Refiner|Refiner switch at|Refiner switch by sampling steps|Hires refiner
    Lora hashes|TI hashes|Emphasis|Eta|Eta DDIM|Sigma churn|Sigma tmin|Sigma tmax|Sigma noise|Schedule min sigma
    Schedule max sigma|Schedule rho|Beta schedule alpha|Beta schedule beta|Discard penultimate sigma
    SGM noise multiplier|Pad conds|Pad conds v0|NGMS|NGMS all steps|Skip Early CFG|Noise Schedule
    Downcast alphas_cumprod|Old prompt editing timelines|VAE Encoder|VAE Decoder|UniPC variant|UniPC skip type
    UniPC order|UniPC lower order final|Soft inpainting enabled|Soft inpainting schedule bias
    Soft inpainting preservation strength|Soft inpainting transition contrast boost|Soft inpainting mask influence
    Soft inpainting difference threshold|Soft inpainting difference contrast|CFG Rescale φ|Guidance start|Guidance end
    Tiling x|Tiling y|Mask image hash|Mask blur x|Mask blur y|Resize mode|Init upscaler|Fixed steps|Color correction
    Init background|Mask rounding|Mask overlay|Quantized timesteps|Clip skip SDXL|Comma backtrack|Old emphasis
    Old Karras sigmas|Old hires size|Hires first prompts
    """.strip()
    .replace("\n    ", "|")
    .split("|")
)
"""Keys in the order in which they are written; others follow in the order in which they were added."""

FIXED = frozenset(ORDER[: ORDER.index("Mask mode")])
"""Those that A1111 writes of itself; what follows are its "extra generation params", which its API tells apart."""
