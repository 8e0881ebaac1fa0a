"""The noise of a batch against the contract's check values, and its independence of everything but the seeds."""

import subprocess
import sys
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.diffusion.noise import PictureNoise, normals, step_noise
from mezzotint.errors import RequestError, UnknownName

SHAPE = (4, 8, 8)
PRINTED = 1.5e-6  # the reference values have six decimals, and were computed in float32
VARIATIONS: list[dict[str, Any]] = [
    {},
    {"subseeds": [30, 31, 32], "strength": 0.4},
    {"from_size": (4, 12)},
    {"step_seed_offset": 31337},
    {"source": "CPU"},
    {"subseeds": [30, 31, 32], "strength": 0.4, "from_size": (12, 6), "step_seed_offset": 5, "source": "GPU"},
]


def row(noise: torch.Tensor, index: int = 0) -> torch.Tensor:
    """A row of the first channel of the first picture."""
    return noise[0, 0, index]


def close(actual: torch.Tensor, *expected: float) -> None:
    torch.testing.assert_close(actual[: len(expected)], torch.tensor(expected), atol=PRINTED, rtol=0)


def test_both_pictures_of_the_reference() -> None:
    noise = PictureNoise([1234, 1235])

    first, second = noise(SHAPE), noise(SHAPE)

    close(row(first), -1.616490, 0.568455, -0.510225, -0.911339)
    close(first[1, 0, 0], 0.122465, 1.390788, -0.658712, 1.826543)
    close(row(second), 0.633083, 1.635822, -0.345863, 1.019553)


def test_a_subseed_leads_away_and_leaves_later_draws() -> None:
    noise = PictureNoise([1234], subseeds=[99], strength=0.3)

    first, second = noise(SHAPE), noise(SHAPE)

    close(row(first), -1.672969, 0.495098, -2.184644, -0.944401)
    assert first.std().item() == pytest.approx(1.0335, abs=5e-5)
    close(row(second), 0.633083, 1.635822, -0.345863, 1.019553)


def test_all_of_a_subseed_is_that_seed() -> None:
    noise = PictureNoise([1234], subseeds=[99], strength=1.0)(SHAPE)

    close(row(noise), -0.783696, -0.034584, -2.053633, -0.601318)
    assert torch.equal(noise, PictureNoise([99])(SHAPE))


def test_a_subseed_without_strength_is_not_drawn() -> None:
    assert torch.equal(PictureNoise([1234], subseeds=[99])(SHAPE), PictureNoise([1234])(SHAPE))


def test_an_offset_moves_the_seeds_after_the_first_draw() -> None:
    noise = PictureNoise([1234], step_seed_offset=31337)

    first, second, third = noise(SHAPE), noise(SHAPE), noise(SHAPE)

    close(row(first), -1.616490, 0.568455, -0.510225, -0.911339)
    close(row(second), 0.122401, -0.559437, 1.017172, 0.904047)
    moved = PictureNoise([32571])
    assert torch.equal(second, moved(SHAPE))
    assert torch.equal(third, moved(SHAPE))


def test_noise_of_a_smaller_picture_lies_in_the_middle() -> None:
    noise = PictureNoise([1234], from_size=(4, 4))
    plain = PictureNoise([1234])

    first, full = noise(SHAPE), plain(SHAPE)

    close(row(first, 2), -0.803611, -1.637706, -1.616490, 0.568455, -0.510225, -0.911339, -0.243546, -0.222989)
    assert torch.equal(first[..., 2:6, 2:6], PictureNoise([1234])((4, 4, 4)))
    outside = torch.ones(8, 8, dtype=torch.bool)
    outside[2:6, 2:6] = False
    assert torch.equal(first[..., outside], full[..., outside])
    assert torch.equal(noise(SHAPE), plain(SHAPE))  # later draws go on from the full one


def test_noise_of_a_larger_picture_is_cut_around_the_middle() -> None:
    larger = PictureNoise([1234])((4, 12, 10))

    assert torch.equal(PictureNoise([1234], from_size=(12, 10))(SHAPE), larger[:, :, 2:10, 1:9])


def test_a_subseed_is_mixed_in_at_the_smaller_size() -> None:
    mixed = PictureNoise([1234], subseeds=[99], strength=0.3)((4, 4, 4))

    noise = PictureNoise([1234], subseeds=[99], strength=0.3, from_size=(4, 4))(SHAPE)

    assert torch.equal(noise[..., 2:6, 2:6], mixed)


def test_the_same_size_is_no_other_size() -> None:
    assert torch.equal(PictureNoise([1234], from_size=(8, 8))(SHAPE), PictureNoise([1234])(SHAPE))


@pytest.mark.parametrize("options", VARIATIONS, ids=str)
def test_a_picture_draws_the_same_alone_and_in_a_batch(options: dict[str, Any]) -> None:
    alone = {**options, **({"subseeds": options["subseeds"][1:2]} if "subseeds" in options else {})}
    of_batch, of_one = PictureNoise([7, 1235, 9], **options), PictureNoise([1235], **alone)

    for _ in range(3):
        assert torch.equal(of_batch(SHAPE)[1:2], of_one(SHAPE))


@pytest.mark.parametrize("source", ["NV", "CPU", "GPU"])
def test_the_source_is_chosen_by_name(source: str) -> None:
    assert torch.equal(PictureNoise([5], source=source)(SHAPE)[0], normals(source, 5, SHAPE))


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_no_strength_needs_no_subseed_whatever_the_seed(seed: int, subseed: int) -> None:
    noise = PictureNoise([seed], subseeds=[subseed])(SHAPE)

    assert torch.equal(noise[0], normals("NV", seed, SHAPE))


def test_step_noise_goes_on_drawing_from_the_source() -> None:
    draw, other = PictureNoise([1, 2]), PictureNoise([1, 2])
    draw(SHAPE), other(SHAPE)

    noise = step_noise(draw, SHAPE)

    assert torch.equal(noise(2.0, 1.0), other(SHAPE))
    assert torch.equal(noise(1.0, 0.5), other(SHAPE))


def test_noise_is_float32() -> None:
    assert PictureNoise([1])((1, 2, 3)).dtype == torch.float32


def test_no_seeds_are_refused() -> None:
    with pytest.raises(RequestError, match="seed"):
        PictureNoise([])


def test_too_few_subseeds_are_refused() -> None:
    with pytest.raises(RequestError, match="2 seeds need as many subseeds, got 1"):
        PictureNoise([1, 2], subseeds=[3], strength=0.5)


def test_an_unknown_source_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(UnknownName, match="noise source 'TPU'"):
        PictureNoise([1], source="TPU")


def test_the_names_of_sources_are_listed_without_loading_torch() -> None:
    code = (
        "import sys; from mezzotint.diffusion.noise_sources import NOISE_SOURCES; "
        "assert NOISE_SOURCES.names(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
