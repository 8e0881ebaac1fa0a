"""A tiny decoder learns to give what the whole one does."""

from dataclasses import replace

import pytest
import torch

from mezzotint.families.mezzo import MEZZO
from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.tiny_autoencoder import TinyDecoder
from mezzotint.train.loop import Objective
from mezzotint.train.objectives.quick_look import QuickLook

CONFIG = AutoencoderConfig(channels=(8, 8, 8, 8), blocks=1, latent_channels=8, groups=4)


@pytest.fixture
def objective() -> QuickLook:
    torch.manual_seed(0)
    assert MEZZO.tiny_autoencoder is not None
    return QuickLook(
        TinyDecoder(replace(MEZZO.tiny_autoencoder.config, width=8, blocks=1)),
        Autoencoder(CONFIG),
        torch.randn(12, 8, 4, 4).half(),
        replace(MEZZO.latents, scale=2.0),
        seed=3,
        batch_size=4,
    )


def test_it_is_an_objective_whose_data_follow_from_the_step(objective: QuickLook) -> None:
    assert isinstance(objective, Objective)
    assert torch.equal(objective.batch(5), objective.batch(5))
    assert not torch.equal(objective.batch(5), objective.batch(6))
    assert objective.sample().size == (8 * 32, 2 * 32)


def test_only_the_tiny_decoder_learns_and_it_does(objective: QuickLook) -> None:
    (decoder,) = objective.modules.values()
    optimiser = torch.optim.Adam(decoder.parameters(), lr=3e-3)
    losses = list[float]()

    for step in range(20):
        loss, figures = objective.loss(objective.batch(step), step)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())

    assert set(figures) == {"absolute", "colour"}
    assert losses[-1] < 0.7 * losses[0]
    assert all(parameter.grad is not None for parameter in decoder.parameters())


def test_the_decoder_sees_latents_as_the_network_does(objective: QuickLook) -> None:
    (decoder,) = objective.modules.values()
    seen = list[torch.Tensor]()
    decoder.register_forward_pre_hook(lambda layer, given: seen.append(given[0]))

    objective.loss(objective.batch(0), 0)

    assert torch.equal(seen[0], objective.batch(0) * 2)
