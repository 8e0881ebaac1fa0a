"""The small autoencoder for quick looks has the published files' names and sizes."""

import torch

from mezzotint.nn.tiny_autoencoder import TinyAutoencoderConfig, TinyDecoder, TinyEncoder

SMALL = TinyAutoencoderConfig(width=8)


def test_names_and_numbers_are_those_of_the_published_files() -> None:
    decoder, encoder = TinyDecoder(TinyAutoencoderConfig()), TinyEncoder(TinyAutoencoderConfig())

    weights = [*decoder.state_dict().values(), *encoder.state_dict().values()]
    assert (len(decoder.state_dict()), len(encoder.state_dict())) == (67, 67)
    assert sum(tensor.numel() for tensor in weights) == 2_445_063
    names = {name: tuple(tensor.shape) for name, tensor in decoder.state_dict().items()}
    assert names["1.weight"] == (64, 4, 3, 3)
    assert names["3.conv.0.weight"] == names["7.weight"] == (64, 64, 3, 3)
    assert "7.bias" not in names
    assert names["19.weight"] == (3, 64, 3, 3)


def test_sizes_change_by_eight() -> None:
    latents, pixels = torch.zeros(2, 4, 3, 5), torch.zeros(2, 3, 24, 40)

    assert TinyDecoder(SMALL)(latents).shape == pixels.shape
    assert TinyEncoder(SMALL)(pixels).shape == latents.shape


def test_other_latents_and_sizes_are_a_matter_of_the_table() -> None:
    config = TinyAutoencoderConfig(latent_channels=8, width=16, levels=2, blocks=1)

    assert TinyDecoder(config)(torch.zeros(1, 8, 4, 4)).shape == (1, 3, 16, 16)
    assert TinyEncoder(config)(torch.zeros(1, 3, 16, 16)).shape == (1, 8, 4, 4)


def test_latents_far_out_are_bent_back() -> None:
    decoder = TinyDecoder(SMALL).eval().requires_grad_(False)

    far, farther = decoder(torch.full((1, 4, 4, 4), 30.0)), decoder(torch.full((1, 4, 4, 4), 300.0))

    torch.testing.assert_close(far, farther)
