from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mezzotint.errors import Cancelled, RequestError
from mezzotint.imaging.tiling import grid, spans, tiled

ROUNDING = 2e-6  # tiles are mixed as a * w + b * (1 - w), and convolutions of another size sum in another order


class _Decoder(nn.Module):
    """Eight times as large, and sees three cells around each one."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.layers = nn.Sequential(nn.Conv2d(4, 8, 3, padding=1), nn.SiLU(), nn.Conv2d(8, 8, 3, padding=1), nn.SiLU())
        self.out = nn.Conv2d(8, 3, 5, padding=2)

    def forward(self, latents: Tensor) -> Tensor:
        with torch.no_grad():
            return self.out(F.interpolate(self.layers(latents), scale_factor=8.0))


class _Encoder(nn.Module):
    """An eighth as large, and sees one cell around each one."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.down = nn.Conv2d(3, 6, 8, stride=8)
        self.out = nn.Conv2d(6, 4, 3, padding=1)

    def forward(self, pixels: Tensor) -> Tensor:
        with torch.no_grad():
            return self.out(torch.tanh(self.down(pixels)))


def test_origins_are_those_of_a1111():
    assert [start for start, _ in spans(1024, 512, 64)] == [0, 256, 512]
    assert [start for start, _ in spans(1000, 512, 64)] == [0, 244, 488]
    assert [start for start, _ in spans(700, 512, 64)] == [0, 188]


@pytest.mark.parametrize("length", [1, 8, 16, 17, 30, 31, 100, 1023])
@pytest.mark.parametrize("overlap", [0, 4, 8, 15])
def test_tiles_cover_all_and_share_enough(length: int, overlap: int):
    parts = spans(length, 16, overlap)

    assert parts[0][0] == 0 and parts[-1][1] == length
    assert all(end - start == min(16, length) for start, end in parts)
    assert all(end - start >= overlap for (_, end), (start, _) in pairwise(parts))


def test_a_grid_is_in_reading_order():
    assert grid(20, 10, 12, 4) == [(0, 0, 12, 10), (8, 0, 20, 10)]
    assert len(grid(1000, 700, 512, 64)) == 6


@pytest.mark.parametrize("overlap", [-1, 16])
def test_an_impossible_overlap_is_told(overlap: int):
    with pytest.raises(RequestError, match=f"by {overlap}"):
        spans(100, 16, overlap)


def test_one_tile_is_the_whole():
    decode, latents = _Decoder(), torch.randn(2, 4, 16, 24)

    assert torch.equal(tiled(latents, decode, tile=24, overlap=8), decode(latents))


@pytest.mark.parametrize("size", [(40, 24), (33, 57), (24, 25)])
def test_decoding_in_tiles_equals_decoding_at_once(size: tuple[int, int]):
    decode, latents = _Decoder(), torch.randn(1, 4, *size)

    joined = tiled(latents, decode, tile=24, overlap=12)

    assert (joined - decode(latents)).abs().max() < ROUNDING


def test_decoding_in_tiles_that_share_too_little_stays_near():
    decode, latents = _Decoder(), torch.randn(1, 4, 40, 40)
    whole = decode(latents)

    apart = [
        (tiled(latents, decode, tile=20 + n // 2, overlap=n) - whole).abs().mean() / whole.std() for n in (0, 4, 8)
    ]

    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 0.01


@pytest.mark.parametrize("size", [(320, 192), (264, 456)])
def test_encoding_in_tiles_equals_encoding_at_once(size: tuple[int, int]):
    encode, pixels = _Encoder(), torch.randn(1, 3, *size)

    joined = tiled(pixels, encode, tile=24, overlap=4, unit=8)

    assert joined.shape == encode(pixels).shape
    assert (joined - encode(pixels)).abs().max() < ROUNDING


@pytest.mark.parametrize("overlap", [0, 1, 3, 7, 11])
@pytest.mark.parametrize("length", [13, 17, 23, 25, 40])
def test_weights_sum_to_one_everywhere(length: int, overlap: int):
    even = torch.full((1, 2, length, 13), 3.0)
    assert (tiled(even, lambda part: part, tile=12, overlap=overlap) - 3).abs().max() < ROUNDING


def test_half_precision_comes_back_as_it_is():
    joined = tiled(torch.ones(1, 1, 9, 30), lambda part: part.half(), tile=16, overlap=4)
    assert joined.dtype == torch.float16 and (joined == 1).all()


def test_it_tells_after_each_tile_and_can_be_stopped_there():
    seen: list[int] = []

    def stop_at_two() -> None:
        seen.append(len(seen))
        if len(seen) == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        tiled(torch.ones(1, 1, 32, 32), lambda part: part, tile=16, overlap=4, after_tile=stop_at_two)
    assert len(seen) == 2
