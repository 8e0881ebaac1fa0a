"""The training loop learns, logs, saves whole states and resumes exactly."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from mezzotint.errors import TrainingError
from mezzotint.train.loop import learning_rate_at
from mezzotint.train.state import STATE_FILE, Slice
from tests.unit.train.small_run import small_run, write_latents

STEPS = 24


def fingerprint(folder: Path) -> str:
    """sha256 over all tensors of a saved state, in the order of their names."""
    digest = hashlib.sha256()
    with safe_open(folder / STATE_FILE, framework="pt") as file:
        for name in sorted(file.keys()):
            digest.update(name.encode() + file.get_tensor(name).contiguous().numpy().tobytes())
    return digest.hexdigest()


def start(folder: Path) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("small_run.py")
    return subprocess.Popen([sys.executable, str(script), str(folder), str(STEPS)])


def steps_logged(folder: Path) -> int:
    log = folder / "log.jsonl"
    return len(log.read_text().splitlines()) if log.is_file() else 0


def test_a_killed_run_resumes_to_the_same_weights(tmp_path: Path) -> None:
    write_latents(tmp_path / "latents")
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    assert start(undisturbed).wait(120) == 0

    process = start(killed)
    deadline = time.monotonic() + 60
    while not (steps_logged(killed) >= 7 and (killed / STATE_FILE).is_file()):
        assert time.monotonic() < deadline
        assert process.poll() is None, "finished before it could be killed"
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    assert fingerprint(killed) != fingerprint(undisturbed)
    assert start(killed).wait(120) == 0

    assert fingerprint(killed) == fingerprint(undisturbed)


def test_the_loss_falls(tmp_path: Path) -> None:
    small_run(tmp_path / "run", 60, accumulate=1)

    losses = [json.loads(line)["loss"] for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert len(losses) == 60
    assert sum(losses[-15:]) < 0.95 * sum(losses[:15])


def test_another_call_adds_a_slice(tmp_path: Path) -> None:
    small_run(tmp_path / "run", 3)
    state = small_run(tmp_path / "run", 5)

    assert state.step == 8
    assert [(part.start, part.steps) for part in state.slices] == [(0, 3), (3, 5)]


def test_resuming_with_other_settings_is_refused(tmp_path: Path) -> None:
    small_run(tmp_path / "run", 2)

    with pytest.raises(TrainingError, match="accumulate: 2 → 1"):
        small_run(tmp_path / "run", 2, accumulate=1)


def test_a_state_that_is_not_a_number_is_never_saved(tmp_path: Path) -> None:
    small_run(tmp_path / "run", 4)
    before = fingerprint(tmp_path / "run")

    with pytest.raises(TrainingError, match="no longer a number"):
        small_run(tmp_path / "run", 4, learning_rate=float("inf"), save_every_steps=99)

    assert fingerprint(tmp_path / "run") == before


def test_the_average_follows_the_weights(tmp_path: Path) -> None:
    state = small_run(tmp_path / "run", 30)

    live = dict(state.modules["network"].named_parameters())
    distances = [
        float((state.average[f"network.{name}"] - parameter.detach()).abs().max()) for name, parameter in live.items()
    ]
    assert 0 < max(distances) < 0.5


def test_the_learning_rate_rises_then_falls_to_zero() -> None:
    part = Slice(start=100, steps=50, learning_rate=1.0, warm_up=10)

    rates = [learning_rate_at(step, part) for step in range(100, 150)]

    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(rates[9], abs=0.01)
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[-1] < 0.002


def test_a_slice_without_steps_is_refused() -> None:
    with pytest.raises(TrainingError, match="at least one step, got 0"):
        Slice(start=0, steps=0, learning_rate=1.0)


def test_optimiser_moments_are_saved_for_every_weight(tmp_path: Path) -> None:
    small_run(tmp_path / "run", 2)

    with safe_open(tmp_path / "run" / STATE_FILE, framework="pt") as file:
        names = set(file.keys())
        weights = {name.removeprefix("weights/") for name in names if name.startswith("weights/")}
        assert {f"optimizer/{name}/exp_avg" for name in weights} <= names
        assert all(torch.isfinite(file.get_tensor(name)).all() for name in names)


def test_a_module_with_no_share_of_the_learning_rate_stays_as_it_is(tmp_path: Path) -> None:
    start = small_run(tmp_path / "start", 1, learning_rate=0.0)
    state = small_run(tmp_path / "run", 5, shares={"text": 0.0})

    pairs = {
        name: list(zip(start.modules[name].parameters(), state.modules[name].parameters(), strict=True))
        for name in ("text", "network")
    }
    assert all(torch.equal(before, after) for before, after in pairs["text"])
    assert not all(torch.equal(before, after) for before, after in pairs["network"])
