"""Previews come from the family's tiny decoder where there is one, and do without where its file is damaged."""

from pathlib import Path

import pytest
import torch

from mezzotint.contract.events import Preview, Warned
from mezzotint.engine import Engine
from mezzotint.families.mezzo import MEZZO
from mezzotint.generate import generate
from mezzotint.nn.tiny_autoencoder import TinyDecoder
from mezzotint.weights.saving import save
from tests.factories import Listener, a_request


@pytest.fixture
def home(small_home: Path, tmp_path: Path) -> Path:
    """The small model's, to be written to."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "Stable-diffusion").symlink_to(small_home / "models" / "Stable-diffusion")
    return tmp_path


@pytest.fixture
def decoder_file(home: Path) -> Path:
    part = MEZZO.tiny_autoencoder
    assert part is not None
    torch.manual_seed(0)
    file = home / "models" / "VAE-approx" / f"{part.name}_decoder.safetensors"
    save(file, TinyDecoder(part.config).state_dict())
    return file


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preview after every step."""
    monkeypatch.setattr("mezzotint.generate.reporting.PREVIEW_EVERY_S", 0.0)


def previews(home: Path, listener: Listener) -> list[tuple[int, int]]:
    (name,) = (path.stem for path in (home / "models" / "Stable-diffusion").glob("*.safetensors"))
    generate(Engine(home, "cpu"), a_request(model=name), listener)
    return [event.image.size for event in listener.of(Preview)]


def test_a_preview_has_the_size_of_the_picture_with_a_tiny_decoder(home: Path, decoder_file: Path) -> None:
    assert set(previews(home, Listener())) == {(32, 32)}


def test_a_preview_has_a_pixel_per_cell_without(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "quick_look", lambda engine, family: None)

    assert set(previews(home, Listener())) == {(4, 4)}


def test_a_damaged_decoder_is_told_and_the_picture_is_made(home: Path, decoder_file: Path) -> None:
    decoder_file.write_bytes(decoder_file.read_bytes()[:1000])
    listener = Listener()

    assert set(previews(home, listener)) == {(4, 4)}
    (warning,) = listener.of(Warned)
    assert decoder_file.name in warning.message
    assert warning.message.endswith("previews do without it")
