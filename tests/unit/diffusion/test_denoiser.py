"""The denoiser: what the network is given, and what becomes of its output."""

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning, stack
from mezzotint.diffusion.denoiser import denoiser
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.errors import RequestError

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
SD1_VELOCITY = discrete(scaled_linear(0.00085, 0.012), predicts="velocity")


class Recorder:
    """A network that returns half its input and remembers what it was given."""

    def __call__(self, x: Tensor, timesteps: Tensor, context: Tensor, vector: Tensor | None = None) -> Tensor:
        self.x, self.timesteps, self.context, self.vector = x, timesteps, context, vector
        return x / 2


def test_the_network_sees_scaled_latents_and_fractional_timesteps() -> None:
    network, x = Recorder(), torch.randn(2, 4, 8, 8)

    denoiser(network, SD1)(x, 1.0, Conditioning(torch.zeros(1, 77, 16)))

    torch.testing.assert_close(network.x, x / 2**0.5)
    assert network.timesteps.dtype == torch.float32
    assert network.timesteps.tolist() == pytest.approx([353.890411] * 2, abs=5e-5)
    assert network.context.shape == (2, 77, 16)


def test_noise_predictions_are_taken_off() -> None:
    x = torch.randn(1, 4, 8, 8)

    x0 = denoiser(Recorder(), SD1)(x, 2.0, Conditioning(torch.zeros(1, 77, 16)))

    torch.testing.assert_close(x0, x - 2.0 * (x / 5**0.5 / 2))


def test_velocity_predictions_are_turned_back() -> None:
    x = torch.randn(1, 4, 8, 8)

    x0 = denoiser(Recorder(), SD1_VELOCITY)(x, 2.0, Conditioning(torch.zeros(1, 77, 16)))

    torch.testing.assert_close(x0, x / 5 - (x / 5**0.5 / 2) * 2 / 5**0.5)


def test_a_half_precision_network_leaves_the_state_in_float32() -> None:
    network = Recorder()
    conditioning = Conditioning(torch.zeros(1, 77, 16), vector=torch.ones(1, 3))

    x0 = denoiser(network, SD1, dtype=torch.bfloat16)(torch.randn(1, 4, 8, 8), 1.0, conditioning)

    assert (network.x.dtype, network.context.dtype, x0.dtype) == (torch.bfloat16, torch.bfloat16, torch.float32)
    assert network.vector is not None and network.vector.dtype == torch.bfloat16
    assert network.timesteps.dtype == torch.float32  # bfloat16 cannot tell 353 from 354


def test_a_vector_reaches_the_network_only_if_there_is_one() -> None:
    network = Recorder()
    denoise, x = denoiser(network, SD1), torch.randn(2, 4, 8, 8)

    denoise(x, 1.0, Conditioning(torch.zeros(1, 77, 16), vector=torch.tensor([[1.0, 2.0]])))
    assert network.vector is not None and network.vector.tolist() == [[1.0, 2.0]] * 2

    denoise(x, 1.0, Conditioning(torch.zeros(1, 77, 16)))
    assert network.vector is None


def test_conditioning_for_another_number_of_pictures_is_refused() -> None:
    with pytest.raises(RequestError, match="3 rows for 2 pictures"):
        denoiser(Recorder(), SD1)(torch.randn(2, 4, 8, 8), 1.0, Conditioning(torch.zeros(3, 77, 16)))


def test_stacking_keeps_the_order() -> None:
    first = Conditioning(torch.zeros(1, 77, 16), vector=torch.zeros(1, 3))
    second = Conditioning(torch.ones(1, 77, 16), vector=torch.ones(1, 3))

    both = stack(first, second)

    assert both.context[:, 0, 0].tolist() == [0, 1]
    assert both.vector is not None and both.vector[:, 0].tolist() == [0, 1]
    assert first.fits(second)
    assert not first.fits(Conditioning(torch.zeros(1, 77, 16)))
