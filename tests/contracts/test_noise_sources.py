"""What every noise source must hold: normal numbers that repeat under a seed, and go on from draw to draw."""

import pytest
import torch

from mezzotint.diffusion.noise_sources import DEFAULT_SOURCE, NOISE_SOURCES
from mezzotint.diffusion.noise_sources.source import NoiseSource

SHAPE = (4, 64, 64)
SAMPLING_ERROR = 0.03  # of mean, spread and correlation over 16,384 values: four standard errors

every_source = pytest.mark.parametrize("source", [NOISE_SOURCES[name] for name in NOISE_SOURCES], ids=NOISE_SOURCES)


@every_source
def test_values_are_standard_normal(source: NoiseSource) -> None:
    values = source(7, "cpu")(SHAPE)

    assert (values.shape, values.dtype) == (SHAPE, torch.float32)
    assert values.mean().item() == pytest.approx(0, abs=SAMPLING_ERROR)
    assert values.std().item() == pytest.approx(1, abs=SAMPLING_ERROR)
    assert (values.abs() < 1.96).float().mean().item() == pytest.approx(0.95, abs=SAMPLING_ERROR / 4)


@every_source
@pytest.mark.parametrize("seed", [0, 2**32 + 5, 2**63 + 1, -3])
def test_a_seed_repeats_draw_by_draw(source: NoiseSource, seed: int) -> None:
    one, other = source(seed, "cpu"), source(seed, "cpu")

    for _ in range(3):
        assert torch.equal(one(SHAPE), other(SHAPE))


@every_source
def test_seeds_count_modulo_two_to_the_64(source: NoiseSource) -> None:
    assert torch.equal(source(-1, "cpu")(SHAPE), source(2**64 - 1, "cpu")(SHAPE))
    assert torch.equal(source(2**64 + 3, "cpu")(SHAPE), source(3, "cpu")(SHAPE))


@every_source
def test_seeds_and_draws_have_nothing_in_common(source: NoiseSource) -> None:
    draw = source(7, "cpu")
    values = torch.stack([draw(SHAPE), draw(SHAPE), source(8, "cpu")(SHAPE)]).flatten(1)

    correlations = values.corrcoef() - torch.eye(3)

    assert correlations.abs().max().item() < SAMPLING_ERROR


@every_source
def test_making_a_generator_touches_no_global_state(source: NoiseSource) -> None:
    before = torch.get_rng_state()

    source(7, "cpu")(SHAPE)

    assert torch.equal(torch.get_rng_state(), before)


def test_the_default_is_one_of_them() -> None:
    assert DEFAULT_SOURCE in NOISE_SOURCES.names()
