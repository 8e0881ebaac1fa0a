"""Variations of a picture: which seeds the pictures of a run have, noise between two seeds, noise of another size."""

import torch
from jaxtyping import Float
from torch import Tensor

_SAME_DIRECTION = 0.9995  # mean cosine above which an angle is too small to divide by
_FLAT = 1e-6  # sine of a column's angle below which its two ends lie on one line

Noise3d = Float[Tensor, "c h w"]


def seeds_of(seed: int, subseed: int, *, strength: float, count: int) -> tuple[list[int], list[int]]:
    """Seeds and subseeds of ``count`` pictures: variations share the seed and walk the subseed."""
    own = [seed + (0 if strength else i) for i in range(count)]
    return own, [subseed + i for i in range(count)]


def between(strength: float, noise: Noise3d, other: Noise3d) -> Noise3d:
    """On the arc from ``noise`` (``strength`` 0) to ``other`` (1), column by column of each channel (Shoemake 1985).

    As A1111 has it: directions are taken along the height, and where the two nearly agree on the whole, a straight mix
    is returned whose ends are swapped.
    """
    cosine = (_direction(noise) * _direction(other)).sum(1)
    if cosine.mean() > _SAME_DIRECTION:
        return noise * strength + other * (1 - strength)
    angle = cosine.clamp(-1, 1).acos()
    sine = angle.sin()
    is_flat = sine < _FLAT  # a latent of one row has no other columns
    safe = sine.where(~is_flat, torch.ones_like(sine))
    weight = (((1 - strength) * angle).sin() / safe).where(~is_flat, torch.full_like(sine, 1 - strength))
    weight_other = ((strength * angle).sin() / safe).where(~is_flat, torch.full_like(sine, strength))
    return weight[:, None] * noise + weight_other[:, None] * other


def pasted(noise: Noise3d, onto: Float[Tensor, "c height width"]) -> Float[Tensor, "c height width"]:
    """``noise`` in the middle of ``onto``, cut where it is larger. Odd differences leave the extra cell at the end."""
    rows, own_rows = _overlap(noise.shape[1], onto.shape[1])
    columns, own_columns = _overlap(noise.shape[2], onto.shape[2])
    result = onto.clone()
    result[:, rows, columns] = noise[:, own_rows, own_columns]
    return result


def _direction(noise: Noise3d) -> Noise3d:
    return noise / noise.square().sum(1, keepdim=True).sqrt()


def _overlap(own: int, whole: int) -> tuple[slice, slice]:
    """Where a middle part lies in the whole, and which of its cells fit there."""
    before = (whole - own) // 2  # rounded down also below 0: an odd surplus loses a cell at both ends
    if before >= 0:
        return slice(before, before + own), slice(0, own)
    return slice(0, own + 2 * before), slice(-before, own + before)
