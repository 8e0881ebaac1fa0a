"""Emphasis on encoded text."""

import pytest
import torch

from mezzotint.prompt.attention import EmphasisMode
from mezzotint.prompt.emphasis import emphasise

ENCODED = torch.arange(1.0, 13.0).reshape(1, 4, 3)
EXPECTED = [
    1.0039, 2.0077, 3.0116, 5.2201, 6.5251, 7.8301, 5.6216, 6.4247, 7.2278, 10.0386, 11.0425, 12.0463,
]  # fmt: skip


def test_weighted_vectors_keep_the_mean() -> None:
    result = emphasise(ENCODED, [[1, 1.3, 0.8, 1]])

    assert result.flatten().tolist() == pytest.approx(EXPECTED, abs=5e-5)
    assert result.mean().item() == pytest.approx(ENCODED.mean().item())


def test_weights_of_one_change_nothing() -> None:
    encoded = torch.randn(2, 77, 16)
    assert torch.equal(emphasise(encoded, [[1.0] * 77] * 2), encoded)


def test_without_a_norm_vectors_are_multiplied_and_no_more() -> None:
    result = emphasise(ENCODED, [[1, 1.3, 0.8, 1]], "No norm")
    assert result.flatten().tolist() == pytest.approx([1, 2, 3, 5.2, 6.5, 7.8, 5.6, 6.4, 7.2, 10, 11, 12])


@pytest.mark.parametrize("mode", ["Ignore", "None"])
def test_weights_may_be_left_without_effect(mode: EmphasisMode) -> None:
    assert torch.equal(emphasise(ENCODED, [[1, 1.3, 0.8, 1]], mode), ENCODED)


def test_the_texts_of_one_prompt_share_their_correction() -> None:
    both = torch.cat([ENCODED, ENCODED * 2])

    result = emphasise(both, [[1, 1.3, 0.8, 1], [1, 1, 1, 1]])

    assert result.mean().item() == pytest.approx(both.mean().item())
    assert result[1, 0, 0].item() != pytest.approx(both[1, 0, 0].item())  # though its own weights are all 1
