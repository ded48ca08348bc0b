"""Is one selection rate different from another: the pooled statistic, or the exact test.

z = (r_1 − r_2) / √(p (1 − p) (1/n_1 + 1/n_2)), with p the rate of both together, is what practice
computes beside an impact ratio. Where an expected count is below 5 its distribution is no normal
one, and Fisher's exact test takes its place (two-sided: all tables no likelier than this one). No
rule names a test; both are conventions.

A wrong answer would be caught by scipy's tests on the same counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtr
from scipy.stats import fisher_exact

SMALLEST_EXPECTED = 5.0
"""With a smaller expected count in any of the four cells the exact test is used."""

POOLED, EXACT = "pooled z test", "Fisher's exact test"


@dataclass(frozen=True)
class RateDifference:
    """Two rates held against each other.

    Attributes
    ----------
    difference : float
        First minus second.
    z : float or None
        Pooled statistic; None where nobody or everybody was selected, so that rates can't differ.
    p_value : float
        Two-sided.
    test : str
        Which test the p-value is of.
    """

    difference: float
    z: float | None
    p_value: float
    test: str

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "difference": self.difference,
            "z": self.z,
            "p_value": self.p_value,
            "test": self.test,
        }


def pooled_z(hits1: float, size1: float, hits2: float, size2: float) -> float | None:
    """Return the pooled statistic of two rates' difference; None where both are 0 or both 1.

    Examples
    --------
    >>> round(pooled_z(219, 581, 842, 1729), 2)
    -4.61
    """
    pooled = (hits1 + hits2) / (size1 + size2)
    error = math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / size1 + 1 / size2))
    return (hits1 / size1 - hits2 / size2) / error if error > 0 else None


def smallest_expected(hits: float, size1: float, size2: float) -> float:
    """Return the smallest count of the four that is expected where both rates are the same.

    Of whole counts it is rounded once, at the end, so that one that is exactly 5 is not 4.999….

    Examples
    --------
    >>> smallest_expected(430, 220, 220)
    5.0
    """
    total = size1 + size2
    return min(size1, size2) * min(hits, total - hits) / total


def compare_rates(hits1: float, size1: float, hits2: float, size2: float) -> RateDifference:
    """Test whether two rates are equal.

    Parameters
    ----------
    hits1, hits2 : float
        From 0 to the sizes.
    size1, size2 : float
        Above 0; effective sizes where rows are weighted or persons have several. The exact test
        rounds them down.
    """
    difference = hits1 / size1 - hits2 / size2
    z = pooled_z(hits1, size1, hits2, size2)
    expected = smallest_expected(hits1 + hits2, size1, size2)
    if z is not None and expected >= SMALLEST_EXPECTED:
        return RateDifference(difference, z, float(2 * ndtr(-abs(z))), POOLED)
    whole = [max(int(size + 1e-9), 1) for size in (size1, size2)]
    hits = [round(h / n * m) for h, n, m in zip((hits1, hits2), (size1, size2), whole, strict=True)]
    table = [[h, m - h] for h, m in zip(hits, whole, strict=True)]
    return RateDifference(difference, z, float(fisher_exact(table)[1]), EXACT)
