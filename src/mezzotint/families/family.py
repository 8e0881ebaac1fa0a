"""What a family of models is, as a table, and what one loaded model consists of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Final, Generic, Literal, TypeAlias, TypeVar

import torch
from torch import Tensor, nn

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.noise_process import NoiseProcess, Prediction
from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig, Pooled
from mezzotint.nn.tiny_autoencoder import TinyAutoencoderConfig
from mezzotint.nn.unet import UNet, UNetConfig
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.shapes import Context, Latents

C = TypeVar("C")

_CLIP_SKIP_MAX = 12  # what can be asked for at all, where it has no effect


class Mark(Enum):
    """What a signature says of a tensor instead of numbers."""

    ANY = "any"
    ABSENT = "absent"


ANY: Final = Mark.ANY
"""Fits any length of an axis."""

ABSENT: Final = Mark.ABSENT
"""Instead of a shape: files of the family have no tensor of that name."""

Signature: TypeAlias = Mapping[str, tuple[int | Mark, ...] | Mark]
"""Shapes that tell a family from all others, by the tensor's name in the file."""

ExtraInput: TypeAlias = Literal["nothing", "inpainting", "instruct", "depth", "low-res"]
"""What follows the noisy latents on the network's channel axis.

inpainting: the mask at the latents' size (1 where to repaint), then the scaled latents of the picture with the masked
part grey; instruct: the picture's latents, the posterior's mode, not scaled; depth: disparity, −1..1 over each picture;
low-res: RGB −1..1 at the latents' size, with noise on it.
"""

ClipSkip: TypeAlias = Literal["always", "if asked", "never"]
"""Whether clip skip chooses a text encoder's layer; "if asked" is a request's ``clip_l_skip``."""


@dataclass(frozen=True)
class Part(Generic[C]):
    """One network of a checkpoint: the prefix of its names in the file, and its sizes.

    ``layout`` names the rename table of `mezzotint.weights.layouts` under which some files store it.
    """

    prefix: str
    config: C
    layout: str | None = None


@dataclass(frozen=True)
class TextPart(Part[CLIPTextConfig]):
    """A text encoder, and which of its layers the network was trained on.

    ``skip`` counts from the end, 1 being the last; the final norm follows if ``normed``. ``padding`` is the token that
    fills a chunk behind its end token, None for the end token again.
    """

    skip: int = 1
    normed: bool = True
    clip_skip: ClipSkip = "never"
    pooled: bool = False
    padding: int | None = None

    def layer(self, clip_skip: int, *, asked: bool = False) -> int:
        """The layer to take, from the end, when a request asks for ``clip_skip``."""
        follows = self.clip_skip == "always" or (self.clip_skip == "if asked" and asked)
        return clip_skip if follows else self.skip


@dataclass(frozen=True)
class TinyPart:
    """An autoencoder for quick looks, in files of its own: ``NAME_decoder`` and ``NAME_encoder``."""

    name: str
    config: TinyAutoencoderConfig = field(default_factory=TinyAutoencoderConfig)


@dataclass(frozen=True)
class LatentSpace:
    """Latents as the network sees them: ``(autoencoder's - shift) * scale``, one cell for ``cell_px`` pixels a side.

    ``preview_rgb`` is red, green and blue (-1..1) per channel, ``preview_offset`` is added to the sum: a rough picture
    without the autoencoder.
    """

    channels: int
    cell_px: int
    scale: float
    preview_rgb: tuple[tuple[float, float, float], ...]
    preview_offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shift: float = 0.0

    def scaled(self, latents: Latents) -> Latents:
        """The autoencoder's latents as the network sees them."""
        return (latents - self.shift) * self.scale

    def unscaled(self, latents: Latents) -> Latents:
        """The network's latents as the autoencoder takes them."""
        return latents / self.scale + self.shift


@dataclass(frozen=True, eq=False)
class Encoded:
    """What one text encoder makes of a prompt: a vector per token, all chunks in a row, and one for the whole.

    ``pooled`` is that of the first chunk; None where the network is not told it.
    """

    tokens: Context
    pooled: Pooled | None = None


EncodedText: TypeAlias = Mapping[str, Encoded]
"""A prompt as every text encoder of a family gives it, by the encoder's name in the table."""


@dataclass(frozen=True)
class Frame:
    """What some families are told beside the text; sizes are (height, width) in pixels.

    ``original`` and ``target`` are the picture's own size if None; ``crop`` is top and left. The aesthetic scores, of
    the positive and the negative prompt, are for SDXL's refiner, ``noise_level`` (0 to 350) is for the x4 upscaler.
    """

    width: int
    height: int
    original: tuple[int, int] | None = None
    crop: tuple[int, int] = (0, 0)
    target: tuple[int, int] | None = None
    aesthetic_score: float = 6.0
    negative_aesthetic_score: float = 2.5
    noise_level: int = 20

    @property
    def original_size(self) -> tuple[int, int]:
        return self.original or (self.height, self.width)

    @property
    def target_size(self) -> tuple[int, int]:
        return self.target or (self.height, self.width)

    def of_negative(self) -> "Frame":
        """What is told beside the negative prompt."""
        return replace(self, aesthetic_score=self.negative_aesthetic_score)


@dataclass(frozen=True)
class Family:
    """What all checkpoints of a kind have in common. ``native_px`` is the side of the pictures it was trained on.

    ``condition`` makes of encoded text what the network is told; the ``default_…`` stand in for what a request leaves
    open. ``extra_input`` is what files with as many input channels as ``network`` says take; ``variants`` has it for
    other numbers of channels. ``zeroes_empty_negative`` if an empty negative prompt is told as zeros.

    Files of one shape may have been trained on noise or on velocity; ``noise_process`` has what is likelier. Where a
    file does not say, ``weigh`` decides from its tensors, if there is such a rule. ``velocity_native_px`` replaces
    ``native_px`` in those trained on velocity.
    """

    name: str
    title: str
    native_px: int
    network: Part[UNetConfig]
    autoencoder: Part[AutoencoderConfig]
    text_encoders: Mapping[str, TextPart]
    latents: LatentSpace
    noise_process: NoiseProcess
    condition: Callable[[EncodedText, Frame], Conditioning]
    signature: Signature
    extra_input: ExtraInput = "nothing"
    variants: Mapping[int, ExtraInput] = field(default_factory=dict[int, ExtraInput])
    zeroes_empty_negative: bool = False
    weigh: Callable[[Mapping[str, Tensor]], Prediction] | None = None
    velocity_native_px: int | None = None
    tiny_autoencoder: TinyPart | None = None
    default_sampler: str = "DPM++ 2M"
    default_schedule: str = "Automatic"
    default_steps: int = 20
    default_cfg: float = 7.0

    @property
    def full_name(self) -> str:
        """The name, and the variant's if this is one: "sd2", "sd2-inpainting"."""
        return f"{self.name}-{self.extra_input}" if self.network.config.in_channels in self.variants else self.name

    @property
    def most_clip_skip(self) -> int:
        """How far from the end the text may be taken: the layers of the shallowest encoder that may follow it."""
        layers = [part.config.layers for part in self.text_encoders.values() if part.clip_skip != "never"]
        return min(layers, default=_CLIP_SKIP_MAX)


@dataclass(frozen=True)
class ModelFile:
    """Where a model came from: its name in the catalog, its path, and the file's sha256 in hex."""

    name: str
    path: Path
    sha256: str

    @property
    def stem(self) -> str:
        """The name without folders, as infotext has it."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, eq=False)
class Model:
    """One loaded checkpoint. ``family`` is narrowed to this file."""

    family: Family
    network: UNet
    text_encoders: Mapping[str, CLIPText]
    autoencoder: Autoencoder
    source: ModelFile
    tokenizer: CLIPTokenizer = field(default_factory=CLIPTokenizer)

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """All its networks."""
        return (self.network, self.autoencoder, *self.text_encoders.values())

    @property
    def dtype(self) -> torch.dtype:
        """What the network computes in."""
        return next(self.network.parameters()).dtype

    @property
    def size_bytes(self) -> int:
        """Memory that its weights take."""
        return sum(p.numel() * p.element_size() for module in self.modules for p in module.parameters())
