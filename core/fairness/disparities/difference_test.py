"""Do two groups differ in a figure that is no share of rows: a test by inverting intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from core.fairness.intervals.intervals import normal_quantile, spread_of_sum
from core.fairness.metrics.group_measurement import Measurement

LEVEL = 0.95
"""Of the test that the smallest detectable difference speaks of."""
METHOD = "inverted interval of the difference"
FURTHEST = 8.0
"""In standard errors; beyond, p-values are told as that of this distance, 1e-15."""


@dataclass(frozen=True)
class DifferenceTest:
    """A figure in one group against another.

    Attributes
    ----------
    difference : float
        First minus second.
    p_value : float
        In (0, 1].
    detectable : float or None
        Smallest true gap that is found with the asked power, from the width of the interval of the
        difference; None where no figure can be that far from the second group's.
    """

    difference: float
    p_value: float
    detectable: float | None


def compare_two(measurement: Measurement, *, power: float = 0.8) -> DifferenceTest:
    """Test whether a figure is the same in the first two groups of a measurement.

    The p-value is the error at which the interval of the difference first touches 0. That interval
    is made of both groups' own (Zou and Donner 2008, Statistics in Medicine 27): for the area under
    the curve DeLong's on the logit scale, for F1 and balanced accuracy those of the rates that they
    are made of, for the Brier score that of a mean.

    Parameters
    ----------
    measurement : Measurement
        Two groups, each with a figure and an interval.
    power : float
        In (0.5, 1).
    """
    first, second = measurement.estimates()[:2].tolist()
    difference = first - second
    correlation = measurement.correlation()
    common = 0.0 if correlation is None else float(correlation[0, 1])

    def reach(z: float, upwards: bool) -> float:
        """How far the interval of the difference extends towards 0 from above or from below."""
        low, high = measurement.contrast_ends(float(2 * ndtr(z) - 1))
        down, up = np.array([first, second]) - low[:2], high[:2] - np.array([first, second])
        sides = (down[0], up[1]) if upwards else (up[0], down[1])
        return float(spread_of_sum(np.maximum(sides[0], 0), np.maximum(sides[1], 0), -common))

    def excess(z: float) -> float:
        return float(abs(difference)) - reach(z, difference > 0)

    if excess(0.0) <= 0:
        p_value = 1.0
    else:
        z = FURTHEST if excess(FURTHEST) > 0 else float(brentq(excess, 0.0, FURTHEST))
        p_value = float(2 * ndtr(-z))
    z = normal_quantile(LEVEL)
    wide = max(reach(z, True), reach(z, False)) / z * (z + float(ndtri(power)))
    return DifferenceTest(difference, p_value, wide if wide <= max(second, 1 - second) else None)
