"""Files made to do harm are refused for what is wrong with them, fast, and nothing in them happens."""

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mezzotint.errors import ModelFileError
from mezzotint.weights.opening import open_model_file
from tests.unit.weights.pickles.hostile import EXECUTING, HEAVY, RECIPES
from tests.unit.weights.pickles.writing import archive

SECONDS_MAX = 30  # of the processor, with annotations checked at every call; without that the worst takes 0.8
_WATCHED = ("os.", "subprocess.", "socket.", "exec", "compile", "import", "pickle.", "shutil.", "ctypes.")
_heard: list[str] | None = None


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if _heard is not None and (event.startswith(_WATCHED) or event == "open"):
        _heard.append(f"{event} {arguments[:1]}")


sys.addaudithook(_listen)


@contextmanager
def listening() -> Generator[list[str]]:
    """What Python does meanwhile that a file should not make it do."""
    global _heard
    _heard = heard = list[str]()
    try:
        yield heard
    finally:
        _heard = None


@pytest.fixture(scope="module", autouse=True)
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is imported or compiled on first use is, before anybody listens."""
    path = tmp_path_factory.mktemp("warm") / "x.ckpt"
    path.write_bytes(archive())
    assert open_model_file(path)["a.b.weight"].tolist() == [1.0, 2.0]
    path.write_bytes(b"junk")
    with pytest.raises(ModelFileError):
        open_model_file(path)


@pytest.mark.parametrize(
    "identifier", [pytest.param(each, marks=pytest.mark.slow if each in HEAVY else ()) for each in RECIPES]
)
def test_hostile_file_is_refused_and_nothing_happens(identifier: str, tmp_path: Path) -> None:
    recipe = RECIPES[identifier]
    mark = tmp_path / "mark"
    path = tmp_path / "model.ckpt"
    path.write_bytes(recipe.make(str(mark)))

    since = time.process_time()
    with listening() as heard, pytest.raises(ModelFileError) as caught:
        open_model_file(path)

    assert caught.value.fault in recipe.faults, caught.value.message
    assert time.process_time() - since < SECONDS_MAX
    assert not mark.exists()
    assert [event for event in heard if str(path) not in event] == []
    assert caught.value.message.startswith("model.ckpt: ")
    assert len(caught.value.message) < 2000
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("name", ["x.safetensors", "x.SAFETENSORS", "x.sft", "x.png", "x.bin", "x"])
@pytest.mark.parametrize("identifier", ["A01", "A05", "B13d", "C01", "C08"])
def test_the_name_of_a_hostile_file_changes_nothing(identifier: str, name: str, tmp_path: Path) -> None:
    recipe = RECIPES[identifier]
    path = tmp_path / name
    path.write_bytes(recipe.make(str(tmp_path / "mark")))

    with pytest.raises(ModelFileError) as caught:
        open_model_file(path)

    assert caught.value.fault in recipe.faults
    assert not (tmp_path / "mark").exists()


def test_global_is_named_to_the_person(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(RECIPES["A01"].make(str(tmp_path / "mark")))

    with pytest.raises(ModelFileError, match=r"would run os\.mkdir when opened") as caught:
        open_model_file(path)

    assert "safetensors" in caught.value.hint


_CARELESS = """
import sys, torch
for path in sys.argv[1:]:
    try:
        torch.load(path, weights_only=False)
    except Exception:
        pass  # the payload has run by then, or has not
"""


@pytest.mark.slow
def test_these_files_do_run_their_payload_in_a_careless_reader(tmp_path: Path) -> None:
    paths = {identifier: tmp_path / identifier for identifier in EXECUTING}
    for identifier, path in paths.items():
        path.with_suffix(".ckpt").write_bytes(EXECUTING[identifier](str(path)))

    files = [str(path.with_suffix(".ckpt")) for path in paths.values()]
    subprocess.run(
        [sys.executable, "-c", _CARELESS, *files], check=True, timeout=300, env={**os.environ, "PYTHONPATH": ""}
    )

    assert [identifier for identifier, path in paths.items() if not path.is_dir()] == []
