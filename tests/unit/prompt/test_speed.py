"""The prompt language is quick, above all where someone means it not to be."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.prompt import FAMILIES, GROWTH

ROOT = Path(__file__).parents[3]
SLACK = 3.0  # for slow and busy machines
GROWTH_SLACK = 1.5  # four times the text takes 16 times as long where something is quadratic


@pytest.fixture(scope="module")
def timings() -> dict[str, dict[str, Any]]:
    """In a process of its own, where functions are not checked against their annotations."""
    command = [sys.executable, "-m", "benchmarks.prompt", "--json", "--repeats", "2"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=300)
    return {timing["name"]: timing for timing in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("family", ["natural", *FAMILIES])
def test_ten_kilobytes_take_milliseconds_and_more_takes_as_much_longer(
    timings: dict[str, dict[str, Any]], family: str
) -> None:
    timing = timings[family]

    assert timing["milliseconds"] <= SLACK * timing["at_most_milliseconds"]
    assert timing["growth"] <= GROWTH_SLACK * GROWTH
