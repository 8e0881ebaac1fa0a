"""Results that are no numbers are told of, with the stage they came from."""

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.finite import require_finite, watched
from mezzotint.diffusion.sampling import Denoised
from mezzotint.errors import ModelFileError, NotNumbers


def test_a_prediction_of_numbers_passes_unchanged() -> None:
    expected = Denoised(x0=torch.ones(1, 4, 8, 8), unconditional=torch.zeros(1, 4, 8, 8))

    assert watched(lambda x, sigma: expected, "U-Net")(torch.zeros(1, 4, 8, 8), 1.0) is expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_one_value_that_is_no_number_raises(value: float) -> None:
    def broken(x: Tensor, sigma: float) -> Denoised:
        x0 = torch.zeros_like(x)
        x0[-1, -1, -1, -1] = value
        return Denoised(x0=x0, unconditional=x0)

    with pytest.raises(NotNumbers, match="U-Net are not numbers") as raised:
        watched(broken, "U-Net")(torch.zeros(2, 4, 8, 8), 1.0)

    assert raised.value.stage == "U-Net"
    assert "precision" in raised.value.hint
    assert isinstance(raised.value, ModelFileError)


def test_pixels_are_watched_too() -> None:
    require_finite(torch.zeros(1, 3, 8, 8), "autoencoder")

    with pytest.raises(NotNumbers, match="autoencoder"):
        require_finite(torch.full((1, 3, 8, 8), float("nan")), "autoencoder")
