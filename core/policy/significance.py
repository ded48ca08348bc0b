"""Whether two groups differ at all: pairs tested, corrected within an attribute and over several.

Two shares of rows are compared by :func:`core.fairness.intervals.two_rates.two_rates`, all other
figures, and all where persons have several rows, by
:func:`core.fairness.disparities.difference_test.compare_two`. Within an attribute the p-value of a
pair is that of Tukey's studentised range (Tukey 1953; Kramer 1956, Biometrics 12, for groups of
unequal size, where it is cautious), so that all pairs hold together; over the attributes and
intersections of a criterion it is Holm's (1979, Scandinavian Journal of Statistics 6), in which an
attribute weighs twice as much as an intersection: crossing attributes compares the same people
again, in smaller groups, and shouldn't cost each attribute a full share of the error.

A wrong answer would be caught by the share of false alarms among tables without a difference, and
by pooled z statistics computed by hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import studentized_range

from core.fairness.disparities.difference_test import compare_two
from core.fairness.intervals.two_rates import two_rates
from core.fairness.metrics.group_measurement import Measured, Measurement
from core.policy.compared import LEVEL

SIGNIFICANT = 1 - LEVEL
MOST_COMPARED = 50
"""Beyond so many groups the studentised range is replaced by Bonferroni's bound over all pairs."""

WEIGHTS = {"attribute": 2.0, "intersection": 1.0}
"""Of the p-values in Holm's correction."""

__all__ = ["SIGNIFICANT", "PairTest", "holm_adjusted", "pair_tests"]


@dataclass(frozen=True)
class PairTest:
    """A pair of groups in one measured figure.

    Attributes
    ----------
    first, second : int
        Positions among the judged groups.
    measurement : int
        Position among the measurements.
    p_value : float
        That they are alike, corrected over all pairs and figures of the attribute.
    """

    first: int
    second: int
    measurement: int
    p_value: float


def pair_tests(measurements: tuple[Measurement, ...]) -> tuple[PairTest, ...]:
    """Test every pair of groups in every measured figure.

    Parameters
    ----------
    measurements : tuple of Measurement
        Of the same groups, independent of each other.

    Returns
    -------
    tuple of PairTest
        One for each measurement and pair.
    """
    groups = len(measurements[0].estimates())
    return tuple(
        PairTest(i, j, k, _within(_pair(m, i, j), groups, len(measurements)))
        for k, m in enumerate(measurements)
        for i in range(groups)
        for j in range(i + 1, groups)
    )


def holm_adjusted(p_values: list[float], weights: list[float] | None = None) -> list[float]:
    """Adjust p-values of several attributes and intersections so that all hold together.

    Holm (1979), section 4, with weights: the smallest of p / w is multiplied by the weight of all
    that are left, and so on. Equal weights give Holm's usual procedure.

    Parameters
    ----------
    p_values : list of float
    weights : list of float, optional
        Above 0, set before looking at any p-value; equal by default.

    Examples
    --------
    >>> holm_adjusted([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    >>> holm_adjusted([0.01, 0.04], [2.0, 1.0])
    [0.015, 0.04]
    """
    p = np.array(p_values, dtype=np.float64)
    w = np.ones(len(p)) if weights is None else np.array(weights, dtype=np.float64)
    adjusted, left, highest = np.empty(len(p)), w.sum(), 0.0
    for k in np.argsort(p / w, kind="stable"):
        highest = max(highest, min(1.0, float(p[k] * (left / w[k]))))
        adjusted[k] = highest
        left -= w[k]
    return [float(value) for value in adjusted]


def _pair(measurement: Measurement, i: int, j: int) -> float:
    """Two-sided p-value of one pair by itself."""
    both = measurement.chosen(np.array([i, j]))
    if isinstance(both, Measured) and both.metric.rate is not None and both.cube.persons is None:
        hits, trials = both.metric.rate
        size = both.cube.sizes(hits, trials, LEVEL)
        share = both.estimates()
        pooled = float((share * size).sum() / size.sum())
        if not 1e-12 < pooled < 1 - 1e-12:
            return 1.0  # Nobody or everybody: two such rates can't differ.
        return two_rates(
            float(share[0] * size[0]), float(size[0]), float(share[1] * size[1]), float(size[1])
        )[0]
    return compare_two(both).p_value


def _within(p_value: float, groups: int, figures: int) -> float:
    """Correct the p-value of a pair over all pairs of some groups, and over figures (Šidák)."""
    pairs = groups * (groups - 1) // 2
    if groups == 2:
        over = p_value
    elif groups > MOST_COMPARED:
        over = min(1.0, pairs * p_value)
    else:
        z = float(-ndtri(max(p_value, 1e-300) / 2))
        over = float(studentized_range.sf(z * math.sqrt(2), groups, np.inf))
        # Never below what one pair has, nor above Bonferroni's bound: integration is approximate.
        over = min(max(over, p_value), pairs * p_value, 1.0)
    return float(-math.expm1(figures * math.log1p(-min(over, 1 - 1e-16))))
