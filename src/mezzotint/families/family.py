"""What a family of models is, as a table, and what one loaded model consists of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, Generic, TypeAlias, TypeVar

from torch import nn

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.unet import UNet, UNetConfig
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.shapes import Context, Latents

C = TypeVar("C")


class _Any(Enum):
    ANY = "any"


ANY: Final = _Any.ANY
"""Fits any length of an axis in a signature."""

Signature: TypeAlias = Mapping[str, tuple[int | _Any, ...]]
"""Shapes that tell a family from all others, by the tensor's name in the file."""


@dataclass(frozen=True)
class Part(Generic[C]):
    """One network of a checkpoint: the prefix of its names in the file, and its sizes.

    ``layout`` names the rename table of `mezzotint.weights.layouts` under which some files store it.
    """

    prefix: str
    config: C
    layout: str | None = None


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
    """What one text encoder makes of a prompt: a vector per token, all chunks in a row."""

    tokens: Context


EncodedText: TypeAlias = Mapping[str, Encoded]
"""A prompt as every text encoder of a family gives it, by the encoder's name in the table."""


@dataclass(frozen=True)
class Frame:
    """The picture's size in pixels, for families that are told it."""

    width: int
    height: int


@dataclass(frozen=True)
class Family:
    """What all checkpoints of a kind have in common. ``native_px`` is the side of the pictures it was trained on.

    ``condition`` makes of encoded text what the network is told; the ``default_…`` stand in for what a request leaves
    open.
    """

    name: str
    title: str
    native_px: int
    network: Part[UNetConfig]
    autoencoder: Part[AutoencoderConfig]
    text_encoders: Mapping[str, Part[CLIPTextConfig]]
    latents: LatentSpace
    noise_process: NoiseProcess
    condition: Callable[[EncodedText, Frame], Conditioning]
    signature: Signature
    default_sampler: str = "DPM++ 2M"
    default_schedule: str = "Automatic"
    default_steps: int = 20
    default_cfg: float = 7.0

    @property
    def most_clip_skip(self) -> int:
        """How far from the end the text may be taken: the layers of the shallowest encoder."""
        return min(part.config.layers for part in self.text_encoders.values())


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
    def size_bytes(self) -> int:
        """Memory that its weights take."""
        return sum(p.numel() * p.element_size() for module in self.modules for p in module.parameters())
