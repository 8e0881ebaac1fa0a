import json
from pathlib import Path

import pytest

from mezzotint.families import FAMILIES
from tests.factories import write_checkpoint


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models" / "Stable-diffusion"
    (folder / "own").mkdir(parents=True)
    write_checkpoint(folder / "own" / "ink.safetensors", FAMILIES["mezzo"])
    (folder / "bad.safetensors").write_bytes(b"nothing")
    monkeypatch.setenv("MEZZOTINT_HOME", str(tmp_path))
    return folder


def test_every_model_is_listed_with_its_kind_and_size(mezzotint, home: Path):
    lines = mezzotint("models", "list").out.splitlines()

    (own,) = [line for line in lines if line.startswith("own/ink")]
    size_mb = (home / "own/ink.safetensors").stat().st_size / 1e6
    assert own == f"own/ink  mezzo  {size_mb:,.0f} MB  {home / 'own/ink.safetensors'}"
    assert lines[-1] == f"put more into {home}"


def test_a_bad_file_is_named_and_hides_no_other(mezzotint, home: Path):
    said = mezzotint("models", "list", "--json")

    told = {line["name"]: line for line in map(json.loads, said.out.splitlines())}
    assert said.code == 0
    assert told["own/ink"]["family"] == "mezzo" and told["own/ink"]["problem"] == ""
    assert told["bad"]["family"] is None and "bad.safetensors" in told["bad"]["problem"]
