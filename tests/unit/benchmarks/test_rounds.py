"""Ratios of paired rounds, and two systems that take turns in processes of their own."""

import mmap
from pathlib import Path

import pytest
import torch

from benchmarks import worker
from benchmarks.rounds import Ratio, Reading, Worker, measure, ratio, speed


def test_a_ratio_is_the_median_of_the_rounds_with_an_interval_about_it() -> None:
    found = ratio([1.0, 2.0, 4.0, 1.0, 2.0], [2.0, 2.0, 6.0, 3.0, 3.0])

    assert found.middle == 1.5
    assert 1.0 <= found.low <= 1.5 <= found.high <= 3.0
    assert ratio([2.0, 1.0], [3.0, 1.5]) == Ratio(1.5, 1.5, 1.5)


def test_the_machine_has_a_speed() -> None:
    found = speed(1, seconds=0.01)

    assert min(found.product, found.convolution, found.copy) > 0


def test_a_process_knows_its_memory() -> None:
    before, megabytes = worker.memory_kb("RssAnon"), 64

    with mmap.mmap(-1, megabytes << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:
        held.write(b"x" * len(held))
        assert worker.memory_kb("RssAnon") - before >= 0.9 * megabytes * 1024
    assert worker.memory_kb("VmHWM") >= worker.memory_kb("RssAnon")


def test_systems_take_turns_and_the_first_run_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    runs = list[str]()

    class Pretended(Worker):
        """Notes its turn, and answers as its system would."""

        def __init__(self, system: str, work: str, threads: int, out: Path) -> None:
            self.system = system
            torch.save(torch.tensor([1.0, 4.0 if system == "a" else 5.0]), out)

        def run(self) -> Reading:
            runs.append(self.system)
            return Reading(float(len(runs)), 0.0, 0.0)

        def __exit__(self, *of: object) -> None:
            runs.append(f"{self.system} ends")

    monkeypatch.setattr("benchmarks.rounds.Worker", Pretended)

    measured = measure("step", ["a", "b"], rounds=2, threads=1, folder=tmp_path)

    assert runs == ["a", "b", "a", "b", "b", "a", "a ends", "b ends"]
    assert [reading.seconds for reading in measured.readings["a"]] == [3.0, 6.0]
    assert measured.difference == pytest.approx(0.2)
