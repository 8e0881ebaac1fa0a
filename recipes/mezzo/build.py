"""The builder: a source's candidates drawn, filtered and written, unless that was done before."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from mezzotint.errors import UnknownName, require
from recipes.mezzo import sink
from recipes.mezzo.sink import Sink
from recipes.mezzo.sources import SOURCES
from recipes.mezzo.sources.source import Source
from recipes.mezzo.sprite import Candidate

log = logging.getLogger(__name__)


def build(names: Sequence[str], out: Path, cache: Path, *, limit: int | None = None, again: bool = False) -> None:
    """Build the named sources (all if none is named) into ``out``, one after the other.

    A source that is complete is skipped, so an interrupted build goes on where it was; ``again`` builds it anew.
    ``limit`` takes that many candidates of each, spread evenly. Raises UnknownName, ResourceError.
    """
    for name in names:
        if name not in SOURCES:
            raise UnknownName("source", name, SOURCES)
    for name in names or SOURCES:
        if not again and is_built(out, name, limit):
            log.info("%s: already there", name)
        else:
            build_source(SOURCES[name], out, cache, limit=limit)


def build_source(source: Source, out: Path, cache: Path, *, limit: int | None = None) -> None:
    """Build one source and replace what was there; what was there stays if this fails."""
    start = time.monotonic()
    offered = spread(source.candidates(cache), limit)
    into = Sink(out, source.name, style=source.style, licence=source.licence, author=source.author)
    try:
        for candidate in offered:
            into.add(candidate)
    except BaseException:
        into.discard()
        raise
    into.close(limit=limit)
    log.info(
        "%s: %d sprites, %d dropped, %.2f MB, %.0f s",
        source.name,
        into.totals.n,
        into.totals.drop,
        into.totals.b128 / 1e6,
        time.monotonic() - start,
    )


def is_built(out: Path, name: str, limit: int | None) -> bool:
    """Whether the source is complete in ``out``, with the same limit."""
    totals = sink.totals(out, name)
    return totals is not None and totals.get("limit") == limit


def spread(candidates: Sequence[Candidate], limit: int | None) -> Sequence[Candidate]:
    """``limit`` of the candidates, evenly spaced in their order; all of them without a limit."""
    if limit is None or limit >= len(candidates):
        return candidates
    require(limit >= 1, f"limit must be at least 1, got {limit}")
    return [candidates[i * len(candidates) // limit] for i in range(limit)]
