"""Attention in training, where a CPU takes another way, against the fused one."""

import pytest
import torch

from mezzotint.nn.attention import Attend

ROUNDING = 1e-6  # another order of the same float32 sums


@pytest.mark.parametrize("causal", [False, True])
def test_attention_that_is_trained_gives_the_same_as_fused(causal: bool) -> None:
    attend = Attend(causal=causal)
    q, k, v = (torch.randn(2, 3, 7, 16) for _ in range(3))

    fused = attend(q, k, v)
    trained = attend(q.clone().requires_grad_(), k, v)

    assert trained.requires_grad
    assert torch.allclose(trained, fused, atol=ROUNDING, rtol=ROUNDING)
