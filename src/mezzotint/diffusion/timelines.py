"""Values that change during a run: by the number of the model's call, or by noise level."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mezzotint.errors import require

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, eq=False)
class Timeline(Generic[T]):
    """Values by the model's call, as prompts are edited: each with the number of the last call that it is for.

    Calls count from 0, yet a last call of 5 means six of them: the web UI compares the count to the number given, and
    pictures depend on it.
    """

    entries: tuple[tuple[int, T], ...]

    def __post_init__(self) -> None:
        require(len(self.entries) > 0, "a timeline needs at least one entry")

    def at(self, call: int) -> T:
        """The first value whose last call is not over; the first of all after the end, where A1111's index falls."""
        return next((value for last, value in self.entries if call <= last), self.entries[0][1])

    def map(self, change: Callable[[T], U]) -> "Timeline[U]":
        """The same calls with other values."""
        return Timeline(tuple((last, change(value)) for last, value in self.entries))


def always(value: T) -> Timeline[T]:
    """One value for every call."""
    return Timeline(((0, value),))


@dataclass(frozen=True, eq=False)
class Span(Generic[T]):
    """A value for the noise levels above ``low``, up to and with ``high``."""

    low: float
    high: float
    value: T


@dataclass(frozen=True, eq=False)
class SigmaTimeline(Generic[T]):
    """Values on spans of noise levels, the first that fits, and one for the levels between and beyond them."""

    spans: tuple[Span[T], ...]
    otherwise: T

    def at(self, sigma: float) -> T:
        """The value at a noise level."""
        return next((span.value for span in self.spans if span.low < sigma <= span.high), self.otherwise)
