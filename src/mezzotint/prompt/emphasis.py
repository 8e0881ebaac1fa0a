"""Emphasis on encoded text: each token's vector multiplied by its weight, the mean kept as it was."""

from collections.abc import Sequence

import torch

from mezzotint.prompt.attention import EmphasisMode
from mezzotint.shapes import Context


def emphasise(encoded: Context, weights: Sequence[Sequence[float]], mode: EmphasisMode = "Original") -> Context:
    """``encoded`` with one weight per row and token applied; "Original" then scales it so that its mean stays.

    Call it once per chunk with all texts of a prompt's schedule as rows: the mean is that of all that is passed in, so
    rows share its correction, as they do in the web UI. Where all weights are 1 nothing changes.
    """
    if mode in ("Ignore", "None") or all(weight == 1 for row in weights for weight in row):
        return encoded
    multipliers = torch.tensor(weights, dtype=encoded.dtype, device=encoded.device)
    weighted = encoded * multipliers.unsqueeze(-1)
    return weighted if mode == "No norm" else weighted * (encoded.mean() / weighted.mean())
