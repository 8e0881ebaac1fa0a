"""The denoiser: what the network is given, and what becomes of its output."""

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning, stack
from mezzotint.diffusion.denoiser import denoise_each, denoise_together, denoiser
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.errors import RequestError

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
SD1_VELOCITY = discrete(scaled_linear(0.00085, 0.012), predicts="velocity")


class Recorder:
    """A network that returns half its first four channels and remembers what it was given."""

    def __call__(self, x: Tensor, timesteps: Tensor, context: Tensor, **extra: Tensor) -> Tensor:
        self.x, self.timesteps, self.context, self.extra = x, timesteps, context, extra
        return x[:, :4] / 2


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
    assert network.extra["vector"].dtype == torch.bfloat16
    assert network.timesteps.dtype == torch.float32  # bfloat16 cannot tell 353 from 354


def test_vector_and_labels_reach_the_network_only_if_there_are_any() -> None:
    network = Recorder()
    denoise, x = denoiser(network, SD1, dtype=torch.bfloat16), torch.randn(2, 4, 8, 8)

    vector, labels = torch.tensor([[1.0, 2.0]]), torch.tensor([20])
    denoise(x, 1.0, Conditioning(torch.zeros(1, 77, 16), vector=vector, labels=labels))
    assert network.extra["vector"].tolist() == [[1.0, 2.0]] * 2
    assert network.extra["labels"].tolist() == [20, 20]
    assert network.extra["labels"].dtype == torch.int64  # an index, whatever the network's precision

    denoise(x, 1.0, Conditioning(torch.zeros(1, 77, 16)))
    assert network.extra == {}


def test_further_channels_follow_the_latents_unscaled() -> None:
    network, x = Recorder(), torch.randn(2, 4, 8, 8)
    concat = torch.randn(1, 5, 8, 8)

    x0 = denoiser(network, SD1)(x, 1.0, Conditioning(torch.zeros(1, 77, 16), concat=concat))

    assert network.x.shape == (2, 9, 8, 8)
    torch.testing.assert_close(network.x[:, :4], x / 2**0.5)
    assert torch.equal(network.x[:, 4:], concat.expand(2, -1, -1, -1))
    assert x0.shape == x.shape


def test_each_picture_may_have_channels_of_its_own_beside_a_common_prompt() -> None:
    network, concat = Recorder(), torch.randn(2, 4, 8, 8)

    denoiser(network, SD1)(torch.randn(2, 4, 8, 8), 1.0, Conditioning(torch.zeros(1, 77, 16), concat=concat))

    assert torch.equal(network.x[:, 4:], concat)
    assert network.context.shape == (2, 77, 16)


def test_conditioning_for_another_number_of_pictures_is_refused() -> None:
    with pytest.raises(RequestError, match="3 rows for 2 pictures"):
        denoiser(Recorder(), SD1)(torch.randn(2, 4, 8, 8), 1.0, Conditioning(torch.zeros(3, 77, 16)))


def test_stacking_keeps_the_order() -> None:
    everything = [
        Conditioning(
            torch.full((1, 77, 16), value),
            vector=torch.full((1, 3), value),
            concat=torch.full((1, 4, 8, 8), value),
            labels=torch.tensor([int(value)]),
        )
        for value in (0.0, 1.0, 2.0)
    ]

    together = stack(*everything)

    assert together.context[:, 0, 0].tolist() == [0, 1, 2]
    assert together.vector is not None and together.vector[:, 0].tolist() == [0, 1, 2]
    assert together.concat is not None and together.concat[:, 0, 0, 0].tolist() == [0, 1, 2]
    assert together.labels is not None and together.labels.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "other",
    [
        Conditioning(torch.zeros(1, 154, 16), vector=torch.zeros(1, 3)),
        Conditioning(torch.zeros(1, 77, 16)),
        Conditioning(torch.zeros(1, 77, 16), vector=torch.zeros(1, 4)),
        Conditioning(torch.zeros(1, 77, 16), vector=torch.zeros(1, 3), labels=torch.tensor([1])),
        Conditioning(torch.zeros(1, 77, 16), vector=torch.zeros(1, 3), concat=torch.zeros(1, 4, 8, 8)),
    ],
)
def test_only_the_like_fit_in_a_batch(other: Conditioning) -> None:
    one = Conditioning(torch.zeros(1, 77, 16), vector=torch.zeros(1, 3))

    assert one.fits(Conditioning(torch.ones(2, 77, 16), vector=torch.ones(2, 3)))
    assert not one.fits(other)
    assert not other.fits(one)


class Counting:
    """A denoiser that answers with the text's first value; remembers how many rows each call had."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(self, x: Tensor, sigma: float, conditioning: Conditioning) -> Tensor:
        self.calls.append(len(x))
        return x + conditioning.rows(len(x)).context[:, 0, 0].reshape(-1, 1, 1, 1)


def of_lengths(*lengths: int, device: str = "cpu") -> list[Conditioning]:
    return [Conditioning(torch.full((1, length, 16), float(i), device=device)) for i, length in enumerate(lengths)]


def test_on_a_cpu_each_conditioning_has_its_own_call() -> None:
    denoise, x = Counting(), torch.randn(2, 4, 8, 8)

    predictions = denoise_each(denoise, x, 1.0, of_lengths(77, 154, 77))

    assert denoise.calls == [2, 2, 2]
    assert all(torch.equal(prediction, x + i) for i, prediction in enumerate(predictions))


def test_elsewhere_all_of_a_length_share_one() -> None:
    denoise = Counting()

    predictions = denoise_each(
        denoise, torch.zeros(2, 4, 8, 8, device="meta"), 1.0, of_lengths(77, 154, 77, device="meta")
    )

    assert denoise.calls == [4, 2]
    assert [tuple(prediction.shape) for prediction in predictions] == [(2, 4, 8, 8)] * 3


def test_answers_of_a_shared_call_come_back_in_order() -> None:
    denoise, x = Counting(), torch.randn(2, 4, 8, 8)

    predictions = denoise_together(denoise, x, 1.0, of_lengths(77, 154, 77, 154, 231))

    assert denoise.calls == [4, 4, 2]
    assert all(torch.equal(prediction, x + i) for i, prediction in enumerate(predictions))
