import pytest
import torch

from mezzotint import shapes


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Latents", (2, 4, 8, 8)),
        ("Context", (2, 77, 768)),
        ("Vector", (2, 16)),
        ("Pixels", (2, 3, 8, 8)),
        ("Mask", (2, 1, 8, 8)),
    ],
)
def test_float_shapes_admit_their_own_rank_only(name: str, shape: tuple[int, ...]):
    kind = getattr(shapes, name)

    assert isinstance(torch.zeros(shape), kind)
    assert isinstance(torch.zeros(shape, dtype=torch.bfloat16), kind)
    assert not isinstance(torch.zeros(shape[1:]), kind)
    assert not isinstance(torch.zeros(shape, dtype=torch.int64), kind)


def test_channels_of_pixels_and_masks_are_fixed():
    assert not isinstance(torch.zeros(1, 4, 8, 8), shapes.Pixels)
    assert not isinstance(torch.zeros(1, 3, 8, 8), shapes.Mask)


def test_token_ids_are_whole_numbers():
    assert isinstance(torch.zeros(1, 77, dtype=torch.int64), shapes.TokenIds)
    assert not isinstance(torch.zeros(1, 77), shapes.TokenIds)
