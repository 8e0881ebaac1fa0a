"""Inputs for tests: weights made from their names, checkpoints of any family, requests, a monitor that listens."""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mezzotint.contract.events import Event
from mezzotint.contract.requests import GenerationRequest
from mezzotint.families.family import Family
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.clip_text import CLIPText
from mezzotint.nn.unet import UNet
from mezzotint.weights.safetensors import Entry, Header
from mezzotint.weights.saving import save


def weight(name: str, shape: tuple[int, ...], *, seed: int = 0) -> Tensor:
    """Random weights of a sensible size, a function of name, shape and seed alone: anybody can make them again."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()) ^ seed)
    values = torch.randn(shape, generator=generator)
    if name.endswith("bias"):
        return values * 0.02
    if len(shape) == 1:  # the gain of a norm
        return 1 + values * 0.05
    return values * (0.02 if "embedding" in name else 1 / math.sqrt(math.prod(shape[1:])))


def shapes_of(family: Family) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor in a checkpoint of the family."""
    with torch.device("meta"):
        parts = {
            family.network.prefix: UNet(family.network.config),
            family.autoencoder.prefix: Autoencoder(family.autoencoder.config),
            **{part.prefix: CLIPText(part.config) for part in family.text_encoders.values()},
        }
    return {
        prefix + name: tuple(tensor.shape)
        for prefix, part in parts.items()
        for name, tensor in part.state_dict().items()
    }


def header_of(shapes: Mapping[str, tuple[int, ...]], metadata: Mapping[str, str] | None = None) -> Header:
    """A header that tells of float32 tensors of these shapes."""
    entries, end = dict[str, Entry](), 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * math.prod(shape)
        entries[name] = Entry(torch.float32, shape, begin, end)
    return Header(entries, dict(metadata or {}))


def checkpoint(family: Family, *, seed: int = 0, dtype: torch.dtype = torch.float16) -> dict[str, Tensor]:
    """All weights of a model of the family, random, under the names of its file."""
    return {name: weight(name, shape, seed=seed).to(dtype) for name, shape in shapes_of(family).items()}


def write_checkpoint(path: Path, family: Family, *, seed: int = 0, extra: Mapping[str, Tensor] | None = None) -> Path:
    """A checkpoint file of the family with random weights in half precision, and the ``extra`` tensors."""
    save(path, checkpoint(family, seed=seed) | dict(extra or {}))
    return path


def a_request(**fields: Any) -> GenerationRequest:
    """A small, quick request."""
    return GenerationRequest(**{"prompt": "a red apple", "steps": 2, "seed": 1, "width": 32, "height": 32} | fields)


@dataclass
class Listener:
    """A monitor that keeps what it hears, and asks to stop once it has heard ``stop_after`` events of a kind."""

    stop_after: tuple[type, int] | None = None
    events: list[Event] = field(default_factory=list[Event])

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def stop_requested(self) -> bool:
        return self.stop_after is not None and len(self.of(self.stop_after[0])) >= self.stop_after[1]

    def of(self, kind: type) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]
