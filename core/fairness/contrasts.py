"""From rates in several groups to the largest gap or smallest ratio between two of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.fairness.intervals import Ends, independent_level, simultaneous_box
from core.fairness.measure import Measurement, Sampling

Floats = npt.NDArray[np.float64]

PAIRED_GROUPS = 20
"""With more groups, pairs number in the hundreds and intervals come from single groups instead."""


@dataclass(frozen=True)
class Extreme:
    """The two groups furthest apart in a metric.

    Attributes
    ----------
    value : float
        Highest minus lowest, or lowest over highest.
    lowest, highest : int
        Positions of these groups; equal if there is no gap.
    """

    value: float
    lowest: int
    highest: int


def gap(estimates: Floats) -> Extreme:
    """Highest minus lowest: the largest of |a − b| over all pairs of groups."""
    lowest, highest = int(np.argmin(estimates)), int(np.argmax(estimates))
    return Extreme(float(estimates[highest] - estimates[lowest]), lowest, highest)


def ratio(estimates: Floats) -> Extreme | None:
    """Lowest over highest, in [0, 1]; None where the metric is 0 in every group."""
    lowest, highest = int(np.argmin(estimates)), int(np.argmax(estimates))
    if estimates[highest] == 0:
        return None
    return Extreme(float(estimates[lowest] / estimates[highest]), lowest, highest)


def gap_interval(
    measurements: list[Measurement], chosen: npt.NDArray[np.int64], level: float, sampling: Sampling
) -> tuple[float, float]:
    """Interval of the largest gap over all pairs of the chosen groups and all the metrics.

    Simultaneous intervals of all pairwise differences, folded at zero: the largest lower end bounds
    the largest gap from below, the largest upper end from above. For one pair it is the percentile
    interval, folded. Above :data:`PAIRED_GROUPS` groups the bounds come from simultaneous intervals
    of the single groups (Šidák), which is wider and needs no draws.
    """
    if len(chosen) > PAIRED_GROUPS:
        bounds = [_gap_bounds(ends) for ends in _single(measurements, chosen, level)]
        return max(low for low, _ in bounds), max(high for _, high in bounds)
    draws = [m.draws(sampling)[:, chosen] for m in measurements]
    nearest, furthest = _folded(draws, level)
    return float(nearest.max()), float(furthest.max())


def ratio_interval(
    measurements: list[Measurement], chosen: npt.NDArray[np.int64], level: float, sampling: Sampling
) -> tuple[float, float]:
    """Interval of the smallest ratio; as :func:`gap_interval`, on the logarithms."""
    if len(chosen) > PAIRED_GROUPS:
        bounds = [_ratio_bounds(ends) for ends in _single(measurements, chosen, level)]
        return min(low for low, _ in bounds), min(high for _, high in bounds)
    # A draw can underflow to 0 in principle; the smallest float keeps its logarithm finite.
    smallest = np.finfo(np.float64).tiny
    draws = [np.log(np.maximum(m.draws(sampling)[:, chosen], smallest)) for m in measurements]
    nearest, furthest = _folded(draws, level)
    return float(np.exp(-furthest.max())), float(np.exp(-nearest.max()))


def _folded(draws: list[Floats], level: float) -> Ends:
    """Bounds of |difference| for each pair of columns in each array, all together at ``level``."""
    first, second = np.triu_indices(draws[0].shape[1], k=1)
    differences = np.concatenate([d[:, first] - d[:, second] for d in draws], axis=1)
    low, high = simultaneous_box(differences, level)
    return np.maximum(np.maximum(low, -high), 0), np.maximum(np.abs(low), np.abs(high))


def _single(
    measurements: list[Measurement], chosen: npt.NDArray[np.int64], level: float
) -> list[Ends]:
    """Intervals of single groups that hold together, groups and metrics being independent."""
    each = independent_level(level, len(chosen) * len(measurements))
    return [(low[chosen], high[chosen]) for low, high in (m.intervals(each) for m in measurements)]


def _gap_bounds(ends: Ends) -> tuple[float, float]:
    low, high = ends
    return max(0.0, float(low.max() - high.min())), float(high.max() - low.min())


def _ratio_bounds(ends: Ends) -> tuple[float, float]:
    low, high = ends
    highest = float(high.min() / low.max()) if low.max() > 0 else 1.0
    return float(low.min() / high.max()), min(1.0, highest)
