"""The inverse of the regularized incomplete beta function: quantiles of the Beta distribution."""

import math

_ROUNDS = 200  # of bisection at worst; Newton's steps need a handful
_TINY = 1e-300
_PRECISION = 1e-15


def beta_quantile(share: float, a: float, b: float) -> float:
    """Where the distribution's first ``share`` (0..1) ends; ``a`` and ``b`` above 0. Newton's method in bounds."""
    if share in (0.0, 1.0):
        return share
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(_ROUNDS):
        excess = beta_share(x, a, b) - share
        low, high = (low, x) if excess > 0 else (x, high)
        density = math.exp((a - 1) * math.log(x) + (b - 1) * math.log1p(-x) - _log_beta(a, b))
        x_next = x - excess / density if density > 0 else low
        if not low < x_next < high:
            x_next = (low + high) / 2
        if abs(x_next - x) <= _PRECISION or not 0 < x_next < 1:
            return x_next
        x = x_next
    return x


def beta_share(x: float, a: float, b: float) -> float:
    """The distribution's share below ``x`` (between 0 and 1), by its continued fraction (DLMF 8.17.22)."""
    if x > (a + 1) / (a + b + 2):  # where the fraction of the mirror image is the one to converge fast
        return 1 - beta_share(1 - x, b, a)
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - _log_beta(a, b)) / a
    # Modified Lentz algorithm: numerator and denominator of the convergents as ratios to the ones before.
    fraction, numerator, denominator = 1.0, 1.0, 0.0
    for step in range(2 * _ROUNDS):
        half, odd = divmod(step, 2)
        if step == 0:
            term = 1.0
        elif odd:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        denominator = 1 / ((1 + term * denominator) or _TINY)
        numerator = (1 + term / numerator) or _TINY
        change = numerator * denominator
        fraction *= change
        if step and abs(change - 1) < _PRECISION:
            break
    return front * (fraction - 1)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
