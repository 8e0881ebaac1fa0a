"""Numbered files of a cache, each following from its number alone: a half-built cache is completed, not begun again."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path


def build_missing(
    build: Callable[[int], int], folder: Path, shards: int, *, workers: int = 2, on_shard: Callable[[int], None]
) -> None:
    """Call ``build`` in other processes for those of the shards 0 to ``shards`` - 1 that are not in ``folder``.

    It is pickled on its way there; it writes its shard and returns the number, which ``on_shard`` then hears.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(shards) if not shard_file(folder, number).is_file()]
    if not missing:
        return
    with ProcessPoolExecutor(min(workers, len(missing)), mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(build, number) for number in missing]):
            on_shard(done.result())


def shard_file(folder: Path, number: int) -> Path:
    """Where a shard lies."""
    return folder / f"{number:05d}.safetensors"
