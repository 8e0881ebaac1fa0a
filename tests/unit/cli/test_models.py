import json
from pathlib import Path

import pytest

from mezzotint.families import FAMILIES
from tests.factories import write_checkpoint
from tests.unit.upscalers.saved import write_upscaler


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models" / "Stable-diffusion"
    (folder / "own").mkdir(parents=True)
    write_checkpoint(folder / "own" / "ink.safetensors", FAMILIES["mezzo"])
    (folder / "bad.safetensors").write_bytes(b"nothing")
    write_upscaler(tmp_path / "models" / "ESRGAN" / "old.pth")
    (tmp_path / "models" / "ESRGAN" / "worse.pth").write_bytes(b"nothing")
    monkeypatch.setenv("MEZZOTINT_HOME", str(tmp_path))
    return folder


def test_every_model_is_listed_with_its_kind_and_size(mezzotint, home: Path):
    lines = mezzotint("models", "list").out.splitlines()

    (own,) = [line for line in lines if line.startswith("own/ink")]
    size_mb = (home / "own/ink.safetensors").stat().st_size / 1e6
    assert own == f"own/ink  mezzo  {size_mb:,.0f} MB  {home / 'own/ink.safetensors'}"
    assert lines[-1] == f"put more into {home}, upscalers into {home.parent / 'ESRGAN'}"


def test_a_bad_file_is_named_and_hides_no_other(mezzotint, home: Path):
    said = mezzotint("models", "list", "--json")

    told = {line["name"]: line for line in map(json.loads, said.out.splitlines())}
    assert said.code == 0
    assert told["own/ink"]["family"] == "mezzo" and told["own/ink"]["problem"] == ""
    assert told["bad"]["family"] is None and "bad.safetensors" in told["bad"]["problem"]


def test_upscalers_are_listed_behind_the_models(mezzotint, home: Path):
    lines = mezzotint("models", "list").out.splitlines()
    told = {line["name"]: line for line in map(json.loads, mezzotint("models", "list", "--json").out.splitlines())}

    assert f"old  upscaler 4x  0 MB  {home.parent / 'ESRGAN' / 'old.pth'}" in lines
    assert lines.index("R-ESRGAN AnimeVideo  upscaler 4x  1 MB  in the package") > lines.index(
        next(line for line in lines if line.startswith("own/ink"))
    )
    assert {line["kind"] for line in told.values()} == {"checkpoint", "upscaler"}
    assert (told["old"]["scale"], told["old"]["problem"]) == (4, "")
    assert told["worse"]["scale"] is None and "worse.pth" in told["worse"]["problem"]
