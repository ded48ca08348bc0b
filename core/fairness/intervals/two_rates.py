"""Tests of two rates, of many hypotheses at once, and the smallest gap a test can see."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri
from scipy.stats import hypergeom

from core.fairness.intervals.intervals import normal_quantile
from core.fairness.intervals.pooled_test import smallest_expected

SMALLEST_EXPECTED = 20
"""With a smaller expected count in any cell the exact test is used: the score test of two groups of
25 with a rate of one half gives a false alarm in 6.5 % instead of 5 % of samples."""


def two_rates(hits1: float, size1: float, hits2: float, size2: float) -> tuple[float, str]:
    """Two-sided p-value of two rates being equal.

    The pooled score test with the factor (N − 1) / N (Campbell 2007, Statistics in Medicine 26)
    where every expected count is at least :data:`SMALLEST_EXPECTED`. Otherwise Fisher's exact test
    with the mid-p-value (Lancaster 1961, Journal of the American Statistical Association 56; Hirji,
    Tan and Elashoff 1991, Statistics in Medicine 10), as the plain one is needlessly cautious.
    Effective sizes are rounded down for it.

    Parameters
    ----------
    hits1, hits2 : float
        0 to the sizes.
    size1, size2 : float
        Above 0.

    Returns
    -------
    tuple of the p-value, in [0, 1], and the test's name
    """
    total = size1 + size2
    pooled = (hits1 + hits2) / total
    if smallest_expected(hits1 + hits2, size1, size2) >= SMALLEST_EXPECTED:
        error = np.sqrt(pooled * (1 - pooled) * (1 / size1 + 1 / size2))
        z = (hits1 / size1 - hits2 / size2) / error * np.sqrt((total - 1) / total)
        return float(2 * ndtr(-abs(z))), "score test"
    whole = [int(size + 1e-9) for size in (size1, size2)]
    hits = [round(h / n * m) for h, n, m in zip((hits1, hits2), (size1, size2), whole, strict=True)]
    return _mid_p(hits[0], whole[0], hits[1], whole[1]), "Fisher's exact test, mid-p"


def _mid_p(hits1: int, size1: int, hits2: int, size2: int) -> float:
    """Probability of tables less likely than this one, plus half of those as likely."""
    total, drawn = size1 + size2, hits1 + hits2
    possible = np.arange(max(0, drawn - size2), min(size1, drawn) + 1)
    chance = hypergeom.pmf(possible, total, drawn, size1)
    seen = chance[hits1 - possible[0]]
    as_likely = np.isclose(chance, seen, rtol=1e-9, atol=0)
    return min(1.0, float(chance[(chance < seen) & ~as_likely].sum() + chance[as_likely].sum() / 2))


def detectable_gap(
    size1: float, size2: float, rate2: float, *, level: float = 0.95, power: float = 0.8
) -> float | None:
    """Smallest gap that a two-sided test of two rates finds with this power.

    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, section 4.2:
    z(α/2) √(p̄ q̄ (1/n₁ + 1/n₂)) + z(power) √(p₁q₁/n₁ + p₂q₂/n₂) = |p₁ − p₂|, solved for p₁.

    Parameters
    ----------
    size1, size2 : float
        Above 0: of the group, and of the rest.
    rate2 : float
        Of the rest, in [0, 1].

    Returns
    -------
    float or None
        The larger of the gaps upwards and downwards, of those that are possible at all; None if
        neither is.
    """
    alpha, beta = normal_quantile(level), float(ndtri(power))

    def excess(gap: float, sign: int) -> float:
        rate1 = rate2 + sign * gap
        mean = (size1 * rate1 + size2 * rate2) / (size1 + size2)
        null = max(mean * (1 - mean), 0) * (1 / size1 + 1 / size2)
        both = rate1 * (1 - rate1) / size1 + rate2 * (1 - rate2) / size2
        return float(gap - alpha * np.sqrt(null) - beta * np.sqrt(max(both, 0)))

    gaps = []
    for sign, room in ((1, 1 - rate2), (-1, rate2)):
        if room > 0 and excess(room, sign) > 0:
            # From just above 0, which is a root itself where the other rate is 0 or 1.
            gaps.append(float(brentq(excess, 1e-12 * room, room, args=(sign,))))
    return max(gaps) if gaps else None
