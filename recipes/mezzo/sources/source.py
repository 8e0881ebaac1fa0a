"""What a source of sprites is: where it comes from, whose it is, and the pictures it offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recipes.mezzo.packages import Package
from recipes.mezzo.sprite import Candidate


@dataclass(frozen=True)
class Source:
    """``style`` is the word captions use; ``licence`` and ``author`` go into NAME.info, ``credit`` into ATTRIBUTION.md.

    ``candidates`` takes the cache folder and fetches ``packages`` into it if need be. The pictures of a source that
    is not ``may_be_redistributed`` may serve training, but are not to be passed on as a set.
    """

    name: str
    style: str
    licence: str
    author: str
    credit: str
    packages: tuple[Package, ...]
    candidates: Callable[[Path], Sequence[Candidate]]
    may_be_redistributed: bool = True
