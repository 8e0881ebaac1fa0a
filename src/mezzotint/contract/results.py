"""Results: the pictures that were made, each with all that is needed to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mezzotint.contract.requests import GenerationRequest

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture (8-bit RGB), the request that makes just this one (no blanks, count 1), and its infotext."""

    image: Image
    request: GenerationRequest
    infotext: str

    @property
    def seed(self) -> int:
        """The seed of this picture, not of its batch."""
        return self.request.seed


@dataclass(frozen=True, eq=False)
class GenerationResult:
    """Pictures in order of their seeds; seconds by phase (``load``, ``text``, ``sample``, ``decode``, ``total``).

    ``was_stopped`` says that somebody stopped the work: fewer pictures, or the last one unfinished.
    """

    pictures: tuple[Picture, ...]
    timings: Mapping[str, float] = field(default_factory=dict[str, float])
    was_stopped: bool = False
