"""Philox noise against values computed by the reference."""

import numpy as np
import pytest
import torch

from mezzotint.diffusion.noise_sources.philox import philox, philox_normals

PRINTED = 1.5e-6  # the reference values have six decimals, and were computed in float32
FIRST_DRAW = {
    0: (-0.924662, -0.425344, -2.643846, 0.145184, -0.120867, -0.579726, -0.622851, -0.328387),
    1: (-0.296278, 2.676448, -0.140846, -0.844095, 0.290538, -0.283831, -1.453456, 2.373681),
    42: (0.194019, 2.161374, -0.172051, 0.849060, -1.924399, 0.652985, -0.649441, -0.817525),
    1234: (-1.616490, 0.568455, -0.510225, -0.911339, -1.155517, -0.226151, -1.289133, 1.065382),
    1235: (0.122465, 1.390788, -0.658712, 1.826543, 0.421014, 1.889311, 0.536069, 2.720619),
    4294967295: (-0.034158, 0.390445, 1.527235, 0.186990, 0.131257, -0.299256, 0.041372, 2.455445),
    4294967301: (-2.842747, 1.340492, 0.272231, 1.455063, -0.735296, -0.502260, 0.523811, 0.178811),
}
SECOND_DRAW = {
    0: (0.180826, -0.552263, 0.923813, -0.734970),
    1: (-0.633984, -0.643131, -0.642014, -1.447101),
    42: (0.139137, -0.108216, -0.717422, 0.756649),
    1234: (0.633083, 1.635822, -0.345863, 1.019553),
    1235: (-0.857631, -1.007581, -1.018501, 1.611183),
    4294967295: (-0.875340, 0.450503, -0.110095, -0.253430),
    4294967301: (1.529594, -0.215324, 0.051255, 1.588217),
}


@pytest.mark.parametrize("seed", FIRST_DRAW)
def test_draws_equal_the_reference(seed: int) -> None:
    draw = philox(seed)

    first, second = draw((4, 8, 8)).flatten(), draw((4, 8, 8)).flatten()

    np.testing.assert_allclose(first[:8], FIRST_DRAW[seed], atol=PRINTED)
    np.testing.assert_allclose(second[:4], SECOND_DRAW[seed], atol=PRINTED)


def test_a_whole_latent_equals_the_reference() -> None:
    noise = philox_normals(0, 0, 4 * 64 * 64)

    np.testing.assert_allclose(noise[-4:], (-0.664592, -0.131550, -0.420833, -2.954316), atol=PRINTED)
    assert noise.astype(np.float64).mean() == pytest.approx(-0.0069454, abs=1e-6)
    assert noise.astype(np.float64).std() == pytest.approx(1.0008463, abs=1e-6)


def test_draws_of_another_size_do_not_shift_later_ones() -> None:
    small, large = philox(3), philox(3)
    small((4, 4, 4)), large((4, 64, 64))

    assert torch.equal(small((4, 8, 8)), large((4, 8, 8)))


def test_a_smaller_draw_is_the_beginning_of_a_larger_one() -> None:
    assert np.array_equal(philox_normals(3, 5, 10), philox_normals(3, 5, 1000)[:10])


def test_seeds_count_modulo_two_to_the_64() -> None:
    assert np.array_equal(philox_normals(-1, 0, 16), philox_normals(2**64 - 1, 0, 16))
    assert not np.array_equal(philox_normals(5, 0, 16), philox_normals(2**32 + 5, 0, 16))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="compares with an NVIDIA card")
def test_draws_equal_those_of_an_nvidia_card() -> None:
    card = torch.Generator("cuda").manual_seed(1234)
    draw = philox(1234)

    for _ in range(3):
        own = torch.randn((4, 64, 64), generator=card, device="cuda").cpu()
        torch.testing.assert_close(draw((4, 64, 64)), own, atol=PRINTED, rtol=PRINTED)
