import pytest
import torch

from mezzotint.upscalers import LATENT_UPSCALERS

every_mode = pytest.mark.parametrize("name", LATENT_UPSCALERS.names())


def test_the_modes_are_those_of_a1111_in_its_order() -> None:
    assert LATENT_UPSCALERS.names() == [
        "Latent",
        "Latent (antialiased)",
        "Latent (bicubic)",
        "Latent (bicubic antialiased)",
        "Latent (nearest)",
        "Latent (nearest-exact)",
    ]


@every_mode
def test_latents_come_back_in_the_size_asked_for(name: str) -> None:
    upscaler = LATENT_UPSCALERS[name]

    assert upscaler.name == name
    assert upscaler(torch.randn(2, 4, 8, 6), 9, 13).shape == (2, 4, 13, 9)


@every_mode
def test_even_latents_stay_even(name: str) -> None:
    enlarged = LATENT_UPSCALERS[name](torch.full((1, 4, 8, 8), 0.7), 20, 12)
    torch.testing.assert_close(enlarged, torch.full((1, 4, 12, 20), 0.7))


def test_bilinear_mixes_neighbours_and_nearest_repeats() -> None:
    step = torch.tensor([0.0, 1.0]).reshape(1, 1, 1, 2).expand(1, 1, 2, 2)

    bilinear = LATENT_UPSCALERS["Latent"](step, 4, 4)[0, 0, 0]
    nearest = LATENT_UPSCALERS["Latent (nearest)"](step, 4, 4)[0, 0, 0]

    assert bilinear.tolist() == [0.0, 0.25, 0.75, 1.0]
    assert nearest.tolist() == [0.0, 0.0, 1.0, 1.0]


def test_antialiasing_matters_only_where_latents_shrink() -> None:
    latents = torch.randn(1, 4, 16, 16)
    plain, smooth = LATENT_UPSCALERS["Latent"], LATENT_UPSCALERS["Latent (antialiased)"]

    torch.testing.assert_close(plain(latents, 32, 32), smooth(latents, 32, 32))
    assert smooth(latents, 5, 5).std() < plain(latents, 5, 5).std()
