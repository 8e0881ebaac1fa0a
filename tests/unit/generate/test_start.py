"""The first picture is brought to size and encoded without chance; the levels follow from strength and steps."""

import hashlib
import io
from pathlib import Path

import pytest
import torch
from PIL import Image

from mezzotint.contract.requests import Fit, InitImage
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.engine import Engine
from mezzotint.errors import RequestError
from mezzotint.families.family import Frame, Model
from mezzotint.generate.decode import to_picture
from mezzotint.generate.start import first_picture, levels, sampler_of, to_pixels
from mezzotint.imaging.resize import RESIZERS
from tests.factories import a_request


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


# Rows of the contract's table for a schedule of N steps and denoising strength d: evaluations.
@pytest.mark.parametrize(
    ("steps", "strength", "evaluations"),
    [
        (20, 0.0, 1),
        (20, 0.05, 2),
        (20, 0.3, 7),
        (20, 0.5, 11),
        (20, 0.75, 16),
        (20, 1.0, 20),
        (3, 0.75, 3),
        (1, 0.5, 1),
    ],
)
def test_strength_settles_how_many_steps_are_taken(model: Model, steps: int, strength: float, evaluations: int) -> None:
    init = InitImage(picture=b"", strength=strength)

    start = levels(model, a_request(steps=steps, sampler="Euler", init=init), SAMPLERS["Euler"])

    assert start.steps == evaluations


def test_without_a_picture_all_steps_are_taken(model: Model) -> None:
    start = levels(model, a_request(steps=5, scheduler="Karras"), SAMPLERS["Euler"])

    assert start.steps == 5
    assert start.sigmas[0] == pytest.approx(model.family.noise_process.sigma_max)


def test_eta_is_passed_on_only_if_given() -> None:
    assert sampler_of(a_request(sampler="Euler a"))[1] == {}
    assert sampler_of(a_request(sampler="Euler a", eta=0.3)) == (SAMPLERS["Euler a"], {"eta": 0.3})
