"""Which number format trains fastest here."""

import time

import torch

from mezzotint.errors import UnknownName

PRECISIONS = ("auto", "fp32", "bf16")


def resolve_precision(asked: str, device: str) -> str:
    """`fp32` or `bf16`. `auto` is bf16 on a GPU, and on a CPU if a convolution is faster in it (measured, 0.2 s).

    Raises UnknownName.
    """
    if asked not in PRECISIONS:
        raise UnknownName("precision", asked, PRECISIONS)
    if asked != "auto":
        return asked
    if device != "cpu":
        return "bf16"
    return "bf16" if _seconds(torch.bfloat16) < 0.8 * _seconds(torch.float32) else "fp32"


def _seconds(dtype: torch.dtype) -> float:
    x = torch.randn(8, 128, 16, 16, dtype=dtype).to(memory_format=torch.channels_last)
    weight = torch.randn(128, 128, 3, 3, dtype=dtype).to(memory_format=torch.channels_last)
    best = float("inf")
    for _ in range(5):
        since = time.perf_counter()
        torch.nn.functional.conv2d(x, weight, padding=1)
        best = min(best, time.perf_counter() - since)
    return best
