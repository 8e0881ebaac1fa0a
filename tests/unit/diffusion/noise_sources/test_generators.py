"""PyTorch's generators as noise sources, against the values that A1111 draws from them."""

import pytest
import torch

from mezzotint.diffusion.noise_sources.generators import on_cpu, on_device

PRINTED = 1.5e-6  # six decimals
LATENT = {
    0: (-1.12584, -1.15236, -0.250579, -0.433879, 0.848710, 0.692009, -0.316013, -2.115219),
    1: (-1.525596, -0.750232, -0.653981, -1.609485, -0.100167, -0.609189, -0.979772, -1.609096),
    42: (1.926915, 1.487284, 0.900717, -2.105521, 0.678418, -1.234545, -0.043067, -1.604667),
    1234: (-0.111719, -0.496590, 0.163074, -0.881688, 0.053900, 0.668374, -0.059658, -0.467498),
}


@pytest.mark.parametrize("seed", LATENT)
def test_a_latent_from_the_cpu_equals_the_reference(seed: int) -> None:
    torch.testing.assert_close(
        on_cpu(seed)((4, 64, 64)).flatten()[:8], torch.tensor(LATENT[seed]), atol=PRINTED, rtol=0
    )


def test_a_few_values_from_the_cpu_are_others_than_of_a_latent() -> None:
    few = torch.tensor((1.540996, -0.293429, -2.178789, 0.568431))

    torch.testing.assert_close(on_cpu(0)((8,))[:4], few, atol=PRINTED, rtol=0)


def test_without_a_card_the_card_is_the_cpu() -> None:
    assert torch.equal(on_device(5, "cpu")((4, 8, 8)), on_cpu(5)((4, 8, 8)))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="draws on an NVIDIA card")
def test_a_card_draws_by_itself() -> None:
    own = torch.randn((4, 8, 8), generator=torch.Generator("cuda").manual_seed(5), device="cuda")

    assert torch.equal(on_device(5, "cuda")((4, 8, 8)), own)
    assert torch.equal(on_cpu(5, "cuda")((4, 8, 8)).cpu(), on_cpu(5)((4, 8, 8)))
