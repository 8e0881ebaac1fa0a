"""The small autoencoder against diffusers' one, on the same random weights."""

import pytest
import torch

from mezzotint.nn.tiny_autoencoder import TinyAutoencoderConfig, TinyDecoder, TinyEncoder
from tests.factories import weight
from tests.parity.measures import NETWORK, difference, randn
from tests.parity.oracles import quietly


@pytest.mark.parametrize("channels", [4, 16])
@torch.inference_mode()
def test_pictures_come_out_alike(channels: int) -> None:
    with quietly():
        import diffusers

        theirs = diffusers.AutoencoderTiny(latent_channels=channels).eval()
    decoder, encoder = (
        kind(TinyAutoencoderConfig(latent_channels=channels)).eval() for kind in (TinyDecoder, TinyEncoder)
    )
    for network in (decoder, encoder):
        network.load_state_dict({name: weight(name, tuple(t.shape)) for name, t in network.state_dict().items()})
    # diffusers leaves out the clamp, which has no weights, from its numbers
    theirs.decoder.layers.load_state_dict(
        {f"{int(name.split('.')[0]) - 1}.{name.partition('.')[2]}": t for name, t in decoder.state_dict().items()}
    )
    theirs.encoder.layers.load_state_dict(encoder.state_dict())
    latents, pixels = randn(2, channels, 6, 5), randn(2, 3, 48, 40).clamp(-1, 1)

    assert difference(decoder(latents), theirs.decode(latents).sample) <= NETWORK
    assert difference(encoder(pixels), theirs.encode(pixels).latents) <= NETWORK
