"""The first picture is brought to size and encoded without chance; the levels follow from strength and steps."""

import hashlib
import io
from pathlib import Path

import pytest
import torch
from PIL import Image

from mezzotint.contract.requests import Fit, InitImage
from mezzotint.engine import Engine
from mezzotint.errors import RequestError
from mezzotint.families.family import Frame, Model
from mezzotint.generate.decode import to_picture
from mezzotint.generate.start import first_picture, to_pixels
from mezzotint.imaging.resize import RESIZERS


@pytest.fixture(scope="module")
def model(small_home: Path) -> Model:
    return Engine(small_home, "cpu").load("small")


def noise_picture(width: int, height: int) -> Image.Image:
    generator = torch.Generator().manual_seed(width * height)
    return to_picture(torch.rand(1, 3, height, width, generator=generator) * 2 - 1)


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def test_pixels_run_from_minus_one_to_one() -> None:
    picture = Image.new("RGB", (2, 1), (0, 0, 0))
    picture.putpixel((1, 0), (255, 128, 0))

    pixels = to_pixels(picture)

    assert pixels.shape == (1, 3, 1, 2)
    assert pixels[0, :, 0, 1].tolist() == pytest.approx([1.0, 128 / 127.5 - 1, -1.0], abs=1e-6)


@pytest.mark.parametrize("fit", ["stretch", "crop", "fill"])
def test_the_picture_is_fitted_then_its_mean_latents_scaled(model: Model, fit: Fit) -> None:
    picture = noise_picture(40, 24)

    with torch.inference_mode():
        found = first_picture(model, InitImage(picture=png(picture), fit=fit), Frame(32, 16))
        posterior = model.autoencoder.encode(to_pixels(RESIZERS[fit](picture, 32, 16)))

    assert found.latents.shape == (1, 8, 2, 4)
    assert torch.equal(found.latents, model.family.latents.scaled(posterior.mean))


def test_the_hash_is_that_of_the_pixels_as_given(model: Model) -> None:
    picture = noise_picture(40, 24)

    found = first_picture(model, InitImage(picture=png(picture)), Frame(32, 16))

    assert found.pixel_hash == hashlib.md5(picture.tobytes()).hexdigest()


def test_a_picture_that_is_not_there_is_told(model: Model, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no picture at"):
        first_picture(model, InitImage(picture=tmp_path / "absent.png"), Frame(32, 16))
