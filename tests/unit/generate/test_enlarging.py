"""Upscalers in files, at work in a second pass and on a start picture that has to grow."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mezzotint.contract.results import GenerationResult
from mezzotint.engine import Engine
from mezzotint.errors import ModelFileError, UnknownName
from mezzotint.generate import generate
from mezzotint.upscalers.files import load_upscaler
from mezzotint.upscalers.networks import enlarging
from tests.factories import Listener, a_request
from tests.unit.upscalers.saved import write_upscaler


@pytest.fixture
def engine(small_home: Path, tmp_path: Path) -> Engine:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "Stable-diffusion").symlink_to(small_home / "models" / "Stable-diffusion")
    write_upscaler(tmp_path / "models" / "ESRGAN" / "old.pth")
    (tmp_path / "models" / "RealESRGAN").mkdir()
    (tmp_path / "models" / "RealESRGAN" / "bad.pth").write_bytes(b"nothing")
    return Engine(tmp_path, "cpu")


def made(engine: Engine, **fields: Any) -> GenerationResult:
    return generate(engine, a_request(model="small", **fields), Listener())


def small() -> bytes:
    buffer = io.BytesIO()
    values = np.random.default_rng(3).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_second_pass_is_enlarged_by_a_network_in_a_file(engine: Engine) -> None:
    result = made(engine, hires={"upscaler": "old", "steps": 1, "strength": 0.5})
    other = made(engine, hires={"upscaler": "Lanczos", "steps": 1, "strength": 0.5})

    assert result.pictures[0].image.size == (64, 64)
    assert "Hires upscaler: old" in result.pictures[0].infotext
    assert result.pictures[0].image.tobytes() != other.pictures[0].image.tobytes()


def test_a_start_picture_grows_by_a_network_in_a_file(engine: Engine) -> None:
    enlarge = enlarging(load_upscaler(engine.catalog.home / "models" / "ESRGAN" / "old.pth"))
    grown = enlarge(Image.open(io.BytesIO(small())), 32, 32)
    buffer = io.BytesIO()
    grown.save(buffer, "PNG")

    by_us = made(engine, init={"picture": small(), "upscaler": "old", "strength": 0.5})
    before = made(engine, init={"picture": buffer.getvalue(), "strength": 0.5})

    assert by_us.pictures[0].image.tobytes() == before.pictures[0].image.tobytes()


@pytest.mark.parametrize("part", [{"hires": {"upscaler": "bad"}}, {"init": {"picture": b"", "upscaler": "bad"}}])
def test_a_damaged_upscaler_is_told_before_anything_is_loaded(engine: Engine, part: dict[str, Any]) -> None:
    with pytest.raises(ModelFileError, match=r"^bad\.pth: "):
        made(engine, **part)


def test_an_unknown_upscaler_suggests_the_nearest_of_all(engine: Engine) -> None:
    for given, near in (("odl", "old"), ("latnt", "Latent"), ("lanczoz", "Lanczos")):
        with pytest.raises(UnknownName) as caught:
            made(engine, hires={"upscaler": given})
        assert caught.value.hint == f"did you mean {near!r}?"
