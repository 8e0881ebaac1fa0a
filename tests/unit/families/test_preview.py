"""Previews are a linear map, and the fit finds it."""

import torch

from mezzotint.families.family import LatentSpace
from mezzotint.families.preview import fit_preview, preview

SPACE = LatentSpace(
    channels=2, cell_px=8, scale=1.0, preview_rgb=((0.1, 0.2, 0.3), (-0.1, 0.0, 0.2)), preview_offset=(0.0, 0.1, -0.2)
)


def test_each_cell_is_a_weighted_sum_of_its_channels() -> None:
    latents = torch.tensor([1.0, 2.0]).reshape(1, 2, 1, 1)

    rgb = preview(latents, SPACE).flatten()

    torch.testing.assert_close(rgb, torch.tensor([-0.1, 0.3, 0.5]))


def test_values_stay_in_range() -> None:
    rgb = preview(100 * torch.randn(1, 2, 4, 4), SPACE)

    assert rgb.min() >= -1
    assert rgb.max() <= 1


def test_a_fit_on_pictures_of_a_linear_autoencoder_is_exact() -> None:
    latents = torch.randn(3, 2, 4, 4) / 2
    pixels = preview(latents, SPACE).repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)

    to_rgb, offset = fit_preview(latents, pixels)

    torch.testing.assert_close(to_rgb, torch.tensor(SPACE.preview_rgb), atol=1e-5, rtol=0)
    torch.testing.assert_close(offset, torch.tensor(SPACE.preview_offset), atol=1e-5, rtol=0)
