"""From figures in several groups to the largest gap or smallest ratio between two of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.arrays import Floats, Ints
from core.fairness.intervals.extremes import Part, largest_difference, on_logarithms
from core.fairness.intervals.intervals import (
    Ends,
    effective_size,
    independent_level,
    simultaneous_box,
)
from core.fairness.intervals.rate_intervals import near_exact
from core.fairness.metrics.group_measurement import Measured, MeasuredScores, Measurement, Sampling

PAIRED_GROUPS = 20
"""With more groups, pairs number in the hundreds and intervals come from single groups instead."""


class Drawn(Protocol):
    """A figure in several groups that is known by its draws."""

    def draws(self, sampling: Sampling) -> Floats:
        """Shape (draws, g)."""
        ...

    def intervals(self, level: float) -> Ends:
        """Compute the ends, shape (g,) each."""
        ...


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
    measurements: Sequence[Measurement | Drawn],
    chosen: Ints,
    level: float,
    sampling: Sampling | None = None,
) -> tuple[float, float]:
    """Interval of the largest gap over all pairs of the chosen groups and all the figures.

    By :func:`core.fairness.intervals.extremes.largest_difference`; above :data:`PAIRED_GROUPS`
    groups from simultaneous intervals of the single groups (Šidák), which are wider. Where a figure
    is known by its draws alone: simultaneous intervals of all pairs, folded at zero.

    Parameters
    ----------
    measurements : sequence of Measurement or Drawn
        Each with a figure and an interval in all the chosen groups.
    chosen : ndarray of int64, shape (k,)
        Positions of at least two groups.
    level : float
        In (0, 1).
    sampling : Sampling, optional
        For figures that are known by their draws.

    Returns
    -------
    tuple of float
        Ends, 0 or more.
    """
    if len(chosen) > PAIRED_GROUPS:
        bounds = [_gap_bounds(ends) for ends in _single(measurements, chosen, level)]
        return max(low for low, _ in bounds), max(high for _, high in bounds)
    parts = _parts(measurements, chosen)
    if parts is not None:
        return largest_difference(parts, level)
    draws = [m.draws(sampling or Sampling())[:, chosen] for m in measurements]
    nearest, furthest = _folded(draws, level)
    return float(nearest.max()), float(furthest.max())


def ratio_interval(
    measurements: Sequence[Measurement | Drawn],
    chosen: Ints,
    level: float,
    sampling: Sampling | None = None,
    *,
    odds: bool = False,
) -> tuple[float, float]:
    """Interval of the smallest ratio, in [0, 1]; as :func:`gap_interval`, on the logarithms.

    With ``odds`` it is that of the shares' odds, share / (1 − share), shares being below 1.

    Equal figures have a gap of 0 and a ratio of 1, so a ratio of 1 is held wherever a gap of 0 is.
    """
    if len(chosen) > PAIRED_GROUPS:
        single = _single(measurements, chosen, level)
        bounds = [_ratio_bounds((odds_of(a), odds_of(b)) if odds else (a, b)) for a, b in single]
        return min(low for low, _ in bounds), min(high for _, high in bounds)
    parts = _parts(measurements, chosen)
    if parts is not None:
        scaled = (
            [on_logarithms(_on_odds(part)) for part in parts]
            if odds
            else [
                on_logarithms(_part(m, chosen), _ratio_floor(m, chosen))
                for m in measurements
                if isinstance(m, Measured | MeasuredScores)
            ]
        )
        low, high = largest_difference(scaled, level)
        if low > 0 and largest_difference(parts, level)[0] == 0:
            low = 0.0
        return float(np.exp(-high)), float(np.exp(-low))
    # A draw can underflow to 0 in principle; the smallest float keeps its logarithm finite.
    draws = [m.draws(sampling or Sampling())[:, chosen] for m in measurements]
    draws = [odds_of(d) for d in draws] if odds else draws
    smallest = np.finfo(np.float64).tiny
    nearest, furthest = _folded([np.log(np.maximum(d, smallest)) for d in draws], level)
    return float(np.exp(-furthest.max())), float(np.exp(-nearest.max()))


def _parts(measurements: Sequence[Measurement | Drawn], chosen: Ints) -> list[Part] | None:
    """Make parts of the figures; None where one is known by its draws alone."""
    known = [m for m in measurements if isinstance(m, Measured | MeasuredScores)]
    return [_part(m, chosen) for m in known] if len(known) == len(measurements) else None


def _part(measurement: Measured | MeasuredScores, chosen: Ints) -> Part:
    def ends(level: float) -> Ends:
        low, high = measurement.contrast_ends(level)
        return low[chosen], high[chosen]

    common = measurement.correlation()
    if common is not None:
        common = common[np.ix_(chosen, chosen)]
    sizes = _sizes(measurement, chosen)
    if sizes is None or common is not None:
        return Part(measurement.estimates()[chosen], ends, correlation=common)
    return Part(
        measurement.estimates()[chosen],
        ends,
        # Intervals of a rate are narrowest without any hit, and then reach from 0 to this.
        lambda level: float(near_exact(np.zeros_like(sizes), sizes, level)[1].max()),
    )


def _ratio_floor(measurement: Measured | MeasuredScores, chosen: Ints) -> Callable[[float], float]:
    """On logarithms, intervals of a rate are narrowest without any miss."""
    sizes = _sizes(measurement, chosen)
    if sizes is None or measurement.correlation() is not None:
        return lambda _: 0.0
    return lambda level: float(-np.log(near_exact(np.ones_like(sizes), sizes, level)[0].min()))


def _sizes(measurement: Measured | MeasuredScores, chosen: Ints) -> Floats | None:
    """Effective numbers of rows that rates are computed over; None if it is no plain rate.

    Rows of one person count for as many as they are, the most that they can be worth: intervals
    are never narrower than that, however outcomes fall.
    """
    if type(measurement) is not Measured or measurement.metric.rate is None:
        return None
    _, trials = measurement.metric.rate
    cube = measurement.cube
    return effective_size(trials(cube.weight), trials(cube.weight_squared))[chosen]


def odds_of(share: Floats) -> Floats:
    """Turn shares into odds, share / (1 − share); a share of 1 has the largest that is told."""
    out: Floats = share / np.maximum(1 - share, np.finfo(np.float64).eps)
    return out


def _on_odds(part: Part) -> Part:
    def ends(level: float) -> Ends:
        low, high = part.ends(level)
        return odds_of(low), odds_of(high)

    return Part(odds_of(part.estimates), ends, correlation=part.correlation)


def single_bounds(parts: Sequence[Part], level: float) -> tuple[float, float]:
    """Bounds of the largest gap from single figures' intervals that hold together (Šidák)."""
    each = independent_level(level, sum(len(part.estimates) for part in parts))
    bounds = [_gap_bounds(part.ends(each)) for part in parts]
    return max(low for low, _ in bounds), max(high for _, high in bounds)


def _single(measurements: Sequence[Measurement | Drawn], chosen: Ints, level: float) -> list[Ends]:
    """Intervals of single groups that hold together, groups and metrics being independent."""
    each = independent_level(level, len(chosen) * len(measurements))
    out = []
    for m in measurements:
        low, high = m.contrast_ends(each) if isinstance(m, Measured) else m.intervals(each)
        out.append((low[chosen], high[chosen]))
    return out


def _folded(draws: list[Floats], level: float) -> Ends:
    """Bounds of |difference| for each pair of columns in each array, all together at ``level``."""
    first, second = np.triu_indices(draws[0].shape[1], k=1)
    differences = np.concatenate([d[:, first] - d[:, second] for d in draws], axis=1)
    low, high = simultaneous_box(differences, level)
    return np.maximum(np.maximum(low, -high), 0), np.maximum(np.abs(low), np.abs(high))


def _gap_bounds(ends: Ends) -> tuple[float, float]:
    low, high = ends
    return max(0.0, float(low.max() - high.min())), float(high.max() - low.min())


def _ratio_bounds(ends: Ends) -> tuple[float, float]:
    low, high = ends
    highest = float(high.min() / low.max()) if low.max() > 0 else 1.0
    return float(low.min() / high.max()), min(1.0, highest)
