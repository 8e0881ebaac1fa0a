"""UniPC: a predictor, and a corrector that costs no further look at the model (Zhao et al. 2023, arXiv:2302.04867)."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from mezzotint.diffusion.sampling import Denoise, Noise, Sampler, Sigmas, Step, from_unit_variance, to_unit_variance
from mezzotint.diffusion.schedules.timesteps import continuous_timesteps
from mezzotint.registry import Limits
from mezzotint.shapes import Latents

Variant: TypeAlias = Literal["bh1", "bh2", "vary_coeff"]
_Array: TypeAlias = npt.NDArray[np.float64]


def unipc(
    denoise: Denoise,
    x: Latents,
    sigmas: Sigmas,
    noise: Noise,
    *,
    variant: Variant = "bh1",
    order: Annotated[int, Limits(1, 50)] = 3,
    lower_order_final: bool = True,
) -> Iterator[Step]:
    """Predict each level from up to ``order`` predictions of the picture, look there, and correct with what was seen.

    ``variant`` is the paper's B(h), or the coefficients of its appendix; with ``lower_order_final`` the last steps are
    of falling order. The very last is not corrected, since nobody looks at its end. ``x`` is
    ``(x0 + sigma * noise) / sqrt(1 + sigma^2)``, also in the steps; the last one is read as the picture. Draws no
    noise.
    """
    steps = len(sigmas) - 1
    order = min(order, max(steps, 1))
    state = from_unit_variance(x, sigmas[0])
    past = [(denoise(state, sigmas[0]).x0, sigmas[0])]  # predictions and their levels, the latest first
    for number, (sigma, sigma_next) in enumerate(pairwise(sigmas), 1):
        x0 = past[0][0]
        if sigma_next == 0:
            yield Step(x=x0, x0=x0, sigma=0.0)
            return
        lowered = lower_order_final and number >= order
        used = past[: min(order, steps + 1 - number) if lowered else order]
        euler = x0 + (state - x0) * (sigma_next / sigma)
        ratios = [math.log(sigma / level) / math.log(sigma / sigma_next) for _, level in used[1:]]
        changes = [(earlier - x0) / ratio for (earlier, _), ratio in zip(used[1:], ratios, strict=True)]
        h = math.log(sigma / sigma_next)
        state = euler + _weighted(changes, _predictor(variant, ratios, h))
        if number < steps:
            seen = denoise(state, sigma_next).x0
            state = euler + _weighted([*changes, seen - x0], _corrector(variant, ratios, h))
            past = [(seen, sigma_next), *past][:order]
        yield Step(x=to_unit_variance(state, sigma_next), x0=x0, sigma=sigma_next)


def _weighted(changes: list[Latents], weights: _Array) -> Latents | float:
    return sum((change * float(w) for change, w in zip(changes, weights, strict=True)), start=0.0)


def _predictor(variant: Variant, ratios: list[float], h: float) -> _Array:
    """What the earlier predictions' differences, per unit of ``ratios``, add to Euler's step of width ``h``."""
    if not ratios:
        return np.zeros(0)
    if variant == "vary_coeff":
        return _vary(ratios, h)
    if len(ratios) == 1:
        return np.full(1, -0.5 * _b(variant, h))
    return _solved(variant, ratios, h)


def _corrector(variant: Variant, ratios: list[float], h: float) -> _Array:
    """The same with the prediction at the step's end among them, as the last."""
    ratios = [*ratios, 1.0]
    if variant == "vary_coeff":
        return _vary_corrector(ratios, h)
    if len(ratios) == 1:
        return np.full(1, -0.5 * _b(variant, h))
    return _solved(variant, ratios, h)


def _b(variant: Variant, h: float) -> float:
    """The paper's B(h), for steps in data prediction."""
    return -h if variant == "bh1" else math.expm1(-h)


def _solved(variant: Variant, ratios: list[float], h: float) -> _Array:
    """Equation 10: weights that make the step exact for polynomials."""
    powers = np.vander(ratios, increasing=True).T
    phis = _phis(h, len(ratios) + 1)[1:]
    right = np.array([phi * math.factorial(k) for k, phi in enumerate(phis, 1)])
    return -np.linalg.solve(powers, right).astype(np.float64)


def _vary(ratios: list[float], h: float) -> _Array:
    """Appendix C: coefficients that change with h."""
    return -np.asarray(_phis(h, len(ratios) + 1)[1:]) @ _vary_inverse(ratios)


def _vary_corrector(ratios: list[float], h: float) -> _Array:
    """As the authors' program has it, which people know, rather than their appendix.

    It leaves the last row out of the sum over all but the newest prediction, and takes that one's weight from the row
    before it.
    """
    inverse, phis = _vary_inverse(ratios), _phis(h, len(ratios) + 1)
    rows = len(ratios) - 1
    earlier = np.asarray(phis[1 : rows + 1]) @ inverse[:rows, :-1]
    return -np.append(earlier, phis[-1] * inverse[max(rows - 1, 0), -1])


def _vary_inverse(ratios: list[float]) -> _Array:
    factorials = np.array([math.factorial(k + 1) for k in range(len(ratios))])
    return np.linalg.inv(np.vander(ratios, increasing=True) / factorials).astype(np.float64)


def _phis(h: float, count: int) -> list[float]:
    """h phi_1(-h), h phi_2(-h), … with the sign of data prediction (Lu et al. 2022, arXiv:2206.00927, eq. B.2)."""
    phis = [math.expm1(-h)]
    for k in range(1, count):
        phis.append(phis[-1] / -h - 1 / math.factorial(k))
    return phis


UNIPC = Sampler(
    name="UniPC",
    run=unipc,
    order=2,  # because of its last steps
    timestep_space=True,
    regrid=continuous_timesteps,
)
