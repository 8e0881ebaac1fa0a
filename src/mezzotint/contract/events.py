"""Events: what long work tells whoever waits, and how it learns that it should stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import GenerationResult, Picture
from mezzotint.errors import MezzotintError

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Queued:
    """Accepted; ``ahead`` others go first."""

    ahead: int = 0


@dataclass(frozen=True)
class Started:
    """Work begins on this request, its blanks filled."""

    request: GenerationRequest


@dataclass(frozen=True)
class Progress:
    """Step ``step`` of ``steps`` is done for ``batch`` pictures at once, the first being ``picture`` of ``pictures``.

    All count from 1; ``eta_s`` is the time left for the whole request in seconds, None while unknown.
    """

    step: int
    steps: int
    picture: int = 1
    pictures: int = 1
    batch: int = 1
    eta_s: float | None = None

    @property
    def fraction(self) -> float:
        """Share of the whole request that is done, 0..1."""
        return (self.picture - 1 + self.batch * self.step / self.steps) / self.pictures


@dataclass(frozen=True, eq=False)
class Preview:
    """A rough small RGB picture of what picture ``picture`` (from 1) looks like after ``step``."""

    image: Image
    picture: int = 1
    step: int = 0


@dataclass(frozen=True, eq=False)
class PictureReady:
    """Picture number ``index`` (from 1) of ``pictures`` is finished."""

    picture: Picture
    index: int = 1
    pictures: int = 1


@dataclass(frozen=True)
class Warned:
    """Work goes on, but the person should know."""

    message: str
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Finished:
    """All done."""

    result: GenerationResult


@dataclass(frozen=True, eq=False)
class Failed:
    """Nothing more will come, because of this error."""

    error: MezzotintError


@dataclass(frozen=True)
class Cancelled:
    """Nothing more will come, because somebody stopped it."""


Event = Queued | Started | Progress | Preview | PictureReady | Warned | Finished | Failed | Cancelled


@runtime_checkable
class Monitor(Protocol):
    """Whoever waits for long work."""

    def emit(self, event: Event) -> None:
        """Take note of an event. Called from the thread that works, so it returns soon."""
        ...

    def stop_requested(self) -> bool:
        """Whether the work should end at the next step."""
        ...


class Silent:
    """The monitor of a caller who only wants the result."""

    def emit(self, event: Event) -> None:
        """Do nothing."""

    def stop_requested(self) -> bool:
        """Never."""
        return False
