"""Schedules optimised for Stable Diffusion (Sabour et al. 2024, arXiv:2404.14507), published as tables of 11 levels."""

import math
from typing import Literal, TypeAlias

from mezzotint.diffusion.noise_process import NoiseProcess
from mezzotint.diffusion.sampling import Sigmas
from mezzotint.errors import require

Table: TypeAlias = Literal["sd1", "sdxl"]

TABLES: dict[Table, tuple[float, ...]] = {
    "sd1": (14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029),  # SD 2 too
    "sdxl": (14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029),
}


def align_your_steps(noise_process: NoiseProcess, steps: int, *, table: Table = "sd1") -> Sigmas:
    """The table brought to ``steps`` levels, log sigma being linear between its rows, then 0.

    The levels are those of the table's model, whatever the noise process. Raises RequestError if steps < 1.
    """
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    rows = TABLES[table]
    places = [i * (len(rows) - 1) / max(steps - 1, 1) for i in range(steps)]
    return [_between(rows, place) for place in places] + [0.0]


def _between(rows: tuple[float, ...], place: float) -> float:
    above = min(int(place), len(rows) - 2)
    share = place - above
    if share in (0.0, 1.0):  # a row comes back exactly
        return rows[above + int(share)]
    return math.exp(math.log(rows[above]) * (1 - share) + math.log(rows[above + 1]) * share)
