"""Measuring two systems side by side: alternating rounds, and what the machine itself can do in each."""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import torch
import torch.nn.functional as F


@dataclass(frozen=True)
class Speed:
    """What the machine did in the seconds before a round: matrix products, convolutions (GFLOP/s), copies (GB/s)."""

    product: float
    convolution: float
    copy: float


@dataclass(frozen=True)
class Reading:
    seconds: float
    anon_gb: float
    peak_gb: float


@dataclass
class Measured:
    """All rounds of one work: the readings of each system, and the machine's speed before each."""

    work: str
    readings: dict[str, list[Reading]] = field(default_factory=dict[str, list[Reading]])
    speeds: list[Speed] = field(default_factory=list[Speed])
    difference: float = 0.0

    def seconds(self, system: str) -> float:
        return statistics.median(reading.seconds for reading in self.readings[system])


@dataclass(frozen=True)
class Ratio:
    """The peer's time over ours, median of the rounds, with a bootstrap interval of 95 %."""

    middle: float
    low: float
    high: float


class Worker:
    """A system in its own process, which does its work when asked, and nothing else meanwhile."""

    def __init__(self, system: str, work: str, threads: int, out: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", system, work, str(threads), str(out)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()

    def run(self) -> Reading:
        assert self._process.stdin
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return Reading(**self._answer())

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise SystemExit(f"a worker ended with status {self._process.wait()}")

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def speed(threads: int, *, seconds: float = 0.2) -> Speed:
    """The machine's speed just now, at shapes of Stable Diffusion's size."""
    torch.set_num_threads(threads)
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    x = torch.randn(2, 320, 64, 64).contiguous(memory_format=torch.channels_last)
    weight = torch.randn(320, 320, 3, 3).contiguous(memory_format=torch.channels_last)
    return Speed(
        product=2 * 2048**3 / _shortest(lambda: a @ b, seconds) / 1e9,
        convolution=2 * 2 * 64 * 64 * 320 * 320 * 9 / _shortest(lambda: F.conv2d(x, weight, padding=1), seconds) / 1e9,
        copy=2 * 4 * 4096**2 / _shortest(torch.randn(4096, 4096).clone, seconds) / 1e9,
    )


def _shortest(action: Callable[[], object], seconds: float) -> float:
    action()
    end, best = time.perf_counter() + seconds, float("inf")
    while time.perf_counter() < end:
        since = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - since)
    return best


def ratio(ours: Sequence[float], theirs: Sequence[float], *, draws: int = 2000) -> Ratio:
    """Of paired rounds."""
    pairs = [their / our for our, their in zip(ours, theirs, strict=True)]
    chance = random.Random(0)
    medians = sorted(statistics.median(chance.choices(pairs, k=len(pairs))) for _ in range(draws))
    return Ratio(statistics.median(pairs), medians[round(0.025 * draws)], medians[round(0.975 * draws) - 1])


def measure(
    work: str,
    systems: Sequence[str],
    *,
    rounds: int,
    threads: int,
    folder: Path,
    fresh: bool = False,
    on_round: Callable[[int, Measured], None] = lambda number, measured: None,
) -> Measured:
    """Round by round, each system in turn, the order reversed every time; the first run of each does not count.

    ``fresh`` starts a new process for every run, and counts its first.
    """
    outs = {system: folder / f"{work}-{system}.pt" for system in systems}
    measured = Measured(work, {system: [] for system in systems})
    workers = {} if fresh else {system: Worker(system, work, threads, outs[system]) for system in systems}
    for worker in workers.values():
        worker.run()
    for number in range(rounds):
        measured.speeds.append(speed(threads))
        for system in systems if number % 2 == 0 else reversed(systems):
            if fresh:
                with Worker(system, work, threads, outs[system]) as worker:
                    measured.readings[system].append(worker.run())
            else:
                measured.readings[system].append(workers[system].run())
        on_round(number + 1, measured)
    for worker in workers.values():
        worker.__exit__(None, None, None)
    answers = [torch.load(out) for out in outs.values()]
    measured.difference = float((answers[0] - answers[1]).abs().max() / answers[1].abs().max())
    return measured
