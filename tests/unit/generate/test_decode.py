"""Pixels become 8-bit pictures by cutting off fractions; what is not a number is told, not drawn."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from mezzotint.engine import Engine
from mezzotint.errors import NotNumbers
from mezzotint.families.family import Model
from mezzotint.generate.decode import decode, to_picture


def test_pixels_are_cut_off_to_whole_numbers() -> None:
    values = torch.tensor([-2.0, -1.0, 0.0, 0.999, 1.0, 7.0])

    picture = to_picture(values.expand(1, 3, 1, 6))

    assert [picture.getpixel((x, 0)) for x in range(6)] == [(v, v, v) for v in (0, 0, 127, 254, 255, 255)]


def test_axes_are_not_mixed_up() -> None:
    pixels = -torch.ones(1, 3, 2, 5)
    pixels[0, 1, 1, 4] = 1

    picture = to_picture(pixels)

    assert picture.size == (5, 2)
    assert picture.getpixel((4, 1)) == (0, 255, 0)


@pytest.fixture
def model(small_home: object) -> Model:
    return Engine(small_home, "cpu").load("small")  # type: ignore[arg-type]


def test_the_decoder_is_given_unscaled_latents(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = list[torch.Tensor]()

    def remember(latents: torch.Tensor) -> torch.Tensor:
        seen.append(latents)
        return torch.zeros(1, 3, 16, 16)

    monkeypatch.setattr(model.autoencoder, "decode", remember)
    space = replace(model.family.latents, scale=0.5, shift=3.0)

    decode(replace(model, family=replace(model.family, latents=space)), torch.ones(1, 8, 2, 2))

    assert torch.equal(seen[0], torch.full((1, 8, 2, 2), 5.0))


def test_latents_that_are_not_numbers_are_told(model: Model) -> None:
    latents = torch.zeros(1, 8, 2, 2)
    latents[0, 0, 0, 0] = torch.nan

    with pytest.raises(NotNumbers, match="network's latents are not numbers"):
        decode(model, latents)


def test_pixels_that_are_not_numbers_are_told(model: Model) -> None:
    bias = nn.Parameter(torch.full((3,), torch.inf), requires_grad=False)
    model.autoencoder.decoder.conv_out.bias = bias

    with pytest.raises(NotNumbers, match="autoencoder's pixels are not numbers"):
        decode(model, torch.zeros(1, 8, 2, 2))
