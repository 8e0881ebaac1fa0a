"""What a noise source is: a seed in, a generator of normal numbers out."""

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

Normals: TypeAlias = Callable[[tuple[int, ...]], Tensor]
"""``shape -> values``: the next draw of one seed's generator, standard normal, float32."""

NoiseSource: TypeAlias = Callable[[int, torch.device | str], Normals]
"""``(seed, device) -> Normals``: a fresh generator whose draws lie on ``device``. Seeds count modulo 2^64."""
