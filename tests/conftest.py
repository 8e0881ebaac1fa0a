"""What holds for every test: one thread, no network, a home of its own, annotations that are checked at run time."""

import os
import socket
from pathlib import Path

# Set before anything imports torch or a library that reads it: one thread gives the same sums on every machine and
# leaves the other cores to whoever else works here; no oracle asks a hub for anything.
os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")

import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

# Functions of ours are held against their annotations; the numeric tower lets an int pass for a float. The hook imports
# the first word of this string and evaluates the rest.
install_import_hook("mezzotint", "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))")

settings.register_profile("mezzotint", deadline=None, derandomize=True, database=None)  # the same examples every time
settings.load_profile("mezzotint")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, so that none sees or touches a person's models and pictures."""
    folder = tmp_path / "home"
    monkeypatch.setenv("MEZZOTINT_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be fetched: connecting anywhere but to this machine fails the test."""
    connect = socket.socket.connect

    def connect_locally(self: socket.socket, address: object) -> None:
        is_local = not isinstance(address, tuple) or address[0] in ("127.0.0.1", "::1", "localhost")
        assert is_local, f"a test tried to reach {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_locally)
