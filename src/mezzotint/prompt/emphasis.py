"""Emphasis on encoded text: each token's vector multiplied by its weight, the mean kept as it was."""

from collections.abc import Sequence

import torch

from mezzotint.shapes import Context


def emphasise(encoded: Context, weights: Sequence[Sequence[float]]) -> Context:
    """``encoded`` with one weight per row and token applied, then scaled so that its mean over everything is unchanged.

    Call it per chunk, as the web UI's emphasis mode "Original" does: the mean is that of all that is passed in.
    """
    multipliers = torch.tensor(weights, dtype=encoded.dtype, device=encoded.device)
    weighted = encoded * multipliers.unsqueeze(-1)
    return weighted * (encoded.mean() / weighted.mean())
