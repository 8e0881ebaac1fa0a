"""Models are loaded once, kept while there is room, and loaded anew when their file changes."""

from pathlib import Path

import pytest

from mezzotint.engine import Engine
from mezzotint.errors import UnknownName
from mezzotint.families.mezzo import MEZZO
from tests.factories import write_checkpoint


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with two models."""
    for seed, name in enumerate(("one", "two")):
        write_checkpoint(tmp_path / "models" / "Stable-diffusion" / f"{name}.safetensors", MEZZO, seed=seed)
    return tmp_path


def test_a_model_is_loaded_once(small_home: Path) -> None:
    engine = Engine(small_home, "cpu")

    assert engine.load("small") is engine.load("small.safetensors")


def test_the_source_tells_name_path_and_hash(small_home: Path) -> None:
    source = Engine(small_home, "cpu").load("small").source

    assert source.name == source.stem == "small"
    assert source.path.is_file()
    assert len(source.sha256) == 64


def test_all_are_kept_while_there_is_room(home: Path) -> None:
    engine = Engine(home, "cpu")

    one, two = engine.load("one"), engine.load("two")

    assert engine.load("one") is one
    assert engine.load("two") is two


def test_the_least_recently_used_makes_room(home: Path) -> None:
    engine = Engine(home, "cpu", budget_bytes=1)

    one = engine.load("one")
    engine.load("two")

    assert engine.load("one") is not one


def test_a_file_that_changed_is_loaded_anew(home: Path) -> None:
    engine = Engine(home, "cpu")
    before = engine.load("one")

    write_checkpoint(before.source.path, MEZZO, seed=7)
    after = engine.load("one")

    assert after.source.sha256 != before.source.sha256
    assert not after.network.out[2].weight.equal(before.network.out[2].weight)


def test_free_forgets_all_models(small_home: Path) -> None:
    engine = Engine(small_home, "cpu")
    model = engine.load("small")

    engine.free()

    assert engine.load("small") is not model


def test_an_unknown_model_is_told(small_home: Path) -> None:
    with pytest.raises(UnknownName, match="no model 'smal'"):
        Engine(small_home, "cpu").load("smal")
