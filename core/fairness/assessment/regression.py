"""Fairness of predicted amounts: figures by group, and how far apart the groups are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints
from core.data.roles.group_labels import columns_needed
from core.errors import InputError
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.regression import RegressionCube, count_errors
from core.fairness.disparities.contrasts import PAIRED_GROUPS, gap, ratio
from core.fairness.intervals.extremes import Part, largest_difference, on_logarithms
from core.fairness.intervals.intervals import Ends, independent_level
from core.fairness.metrics.assessment import Figure, GroupResult
from core.fairness.metrics.regression_metrics import REGRESSION_METRICS, RegressionMetric


@dataclass(frozen=True)
class RegressionGap:
    """How far apart groups are in one figure.

    Attributes
    ----------
    metric : str
    difference : Figure
        Highest minus lowest, among the groups in which it is defined.
    ratio : Figure
        Lowest over highest, in [0, 1].
    between : tuple of str
        The group with the lowest value and that with the highest; empty without a gap.
    left_out : tuple of str
        Groups in which the figure is not defined.
    """

    metric: str
    difference: Figure
    ratio: Figure
    between: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegressionAssessment:
    """Fairness of predicted amounts for one combination of sensitive columns.

    Attributes
    ----------
    attributes : tuple of str
    overall : GroupResult
        Its figures by the names of
        :data:`core.fairness.metrics.regression_metrics.REGRESSION_METRICS`.
    groups : tuple of GroupResult
        The same, largest first.
    gaps : tuple of RegressionGap
        One for each figure.
    weighted : bool
    level : float
    """

    attributes: tuple[str, ...]
    overall: GroupResult
    groups: tuple[GroupResult, ...]
    gaps: tuple[RegressionGap, ...]
    weighted: bool
    level: float
    cube: RegressionCube = field(compare=False, repr=False)


def assess_regression(
    outcome: Floats,
    prediction: Floats,
    sensitive: pd.DataFrame,
    *,
    weights: Floats | None = None,
    persons: Ints | None = None,
    level: float = 0.95,
    minimum_count: int = 30,
) -> RegressionAssessment:
    """Assess predicted amounts by the combination of all the sensitive columns.

    Parameters
    ----------
    outcome, prediction : ndarray of float64, shape (n,)
        Finite, in one unit.
    sensitive : DataFrame, shape (n, s)
    weights : ndarray of float64, shape (n,), optional
        Non-negative.
    persons : ndarray of int64, shape (n,), optional
        Equal for rows of one person, whom intervals then count.
    level : float
        Of the intervals, in (0, 1).
    minimum_count : int
        A smaller group is too small to judge.

    Raises
    ------
    InputError
        If lengths differ, or values or weights are not usable numbers.
    """
    if not 0 < level < 1:
        raise InputError("it must lie between 0 and 1", where=f"level {level}")
    cube = count_errors(group_rows(sensitive), outcome, prediction, weights, persons)
    groups = _groups(cube, level, minimum_count)
    return RegressionAssessment(
        cube.attributes,
        _groups(cube.marginal(()), level, minimum_count)[0],
        tuple(sorted(groups, key=lambda group: (-group.count, group.group))),
        tuple(
            regression_gap(cube, metric, level, minimum_count=minimum_count)
            for metric in REGRESSION_METRICS
        ),
        cube.weighted,
        level,
        cube,
    )


def regression_gap(
    cube: RegressionCube,
    metric: RegressionMetric,
    level: float = 0.95,
    *,
    minimum_count: int = 0,
) -> RegressionGap:
    """Find the largest gap between two groups, with an interval that allows for all pairs.

    Groups of fewer rows than ``minimum_count``, or without an interval, are left out and named,
    unless fewer than two others are there.

    Intervals of differences and of ratios are made from the groups' own, as those of rates are:
    :func:`core.fairness.intervals.extremes.largest_difference`.
    """
    names = cube.names
    measured = _Measured(cube, metric)
    figures = metric.measure(cube, level)
    chosen = np.array([p for p, f in enumerate(figures) if f.estimate is not None], dtype=np.int64)
    size = cube.sizes()[0]
    firm = np.array([p for p in chosen if figures[p].low is not None and size[p] >= minimum_count])
    if len(firm) >= 2 and minimum_count:
        chosen = firm
    left_out = tuple(name for p, name in enumerate(names) if p not in set(chosen.tolist()))
    if len(chosen) < 2:
        none = Figure(None, reason="fewer than two groups have it")
        return RegressionGap(metric.name, none, none, left_out=left_out)
    value = measured.estimates()[chosen]
    furthest = gap(value)
    lowest, highest = (names[chosen[p]] for p in (furthest.lowest, furthest.highest))
    why = next(
        (f"{cube.labels[p]}: {figures[p].reason}" for p in chosen if figures[p].low is None), None
    )
    if why is None:
        difference = _figure(furthest.value, measured.largest(chosen, level))
    else:
        difference = Figure(furthest.value, reason=why)
    return RegressionGap(
        metric.name,
        difference,
        _ratio(measured, chosen, level, why),
        (lowest, highest) if furthest.value > 0 else (),
        left_out,
    )


@dataclass(frozen=True, eq=False)
class _Measured:
    """A figure of amounts in every group, at any level."""

    cube: RegressionCube
    metric: RegressionMetric

    def estimates(self) -> Floats:
        found = self.metric.measure(self.cube, 0.95)
        return np.array([np.nan if f.estimate is None else f.estimate for f in found])

    def ends(self, level: float) -> Ends:
        """Compute ends at a level; infinite where there are too few rows for one so high."""
        found = self.metric.measure(self.cube, level)
        low = np.array([-np.inf if f.low is None else f.low for f in found])
        high = np.array([np.inf if f.high is None else f.high for f in found])
        return low, high

    def largest(
        self, chosen: Ints, level: float, *, logarithms: bool = False
    ) -> tuple[float, float]:
        """Interval of the largest difference between two of the chosen groups."""
        value, (low, high) = self.estimates()[chosen], self.ends(level)
        # Amounts may be in any unit: figures of about 1 are what differences are drawn for.
        unit = float(np.abs(np.r_[value, low[chosen], high[chosen]]).max()) or 1.0

        def ends(level: float) -> Ends:
            low, high = self.ends(level)
            return low[chosen] / unit, high[chosen] / unit

        part = Part(value / unit, ends)
        if logarithms:
            part = on_logarithms(part)
        if len(chosen) <= PAIRED_GROUPS:
            nearest, furthest = largest_difference([part], level)
        else:
            low, high = part.ends(independent_level(level, len(chosen)))
            nearest = max(0.0, float(low.max() - high.min()))
            furthest = float(high.max() - low.min())
        scale = 1.0 if logarithms else unit
        return nearest * scale, furthest * scale


def _groups(cube: RegressionCube, level: float, minimum_count: int) -> list[GroupResult]:
    columns = {metric.name: metric.measure(cube, level) for metric in REGRESSION_METRICS}
    size = cube.sizes()[0]
    return [
        GroupResult(
            cube.named(p),
            int(cube.count[p]),
            float(cube.weight[p]),
            {name: column[p] for name, column in columns.items()},
            f"Only {cube.count[p]} rows, worth {size[p]:.0f} of equal weight"
            f"{'' if cube.persons is None else ', one for each person'}: fewer than "
            f"{minimum_count}, too few to judge this group by, whatever its figures are."
            if size[p] < minimum_count
            else None,
            None if cube.persons is None else int(cube.persons.number()[p]),
            beside_columns=columns_needed(cube.groups),
        )
        for p in range(len(cube.groups))
    ]


def _ratio(measured: _Measured, chosen: Ints, level: float, why: str | None) -> Figure:
    metric, value = measured.metric, measured.estimates()[chosen]
    if not metric.positive and (metric.better != "neither" or value.min() <= 0):
        return Figure(None, reason="a ratio needs figures that are above zero")
    smallest = ratio(value)
    if smallest is None:
        return Figure(None, reason="the figure is 0 in every group")
    if why is not None:
        return Figure(smallest.value, reason=why)
    if measured.ends(level)[0][chosen].min() <= 0:
        return Figure(smallest.value, reason="the interval of a group's figure reaches zero")
    low, high = measured.largest(chosen, level, logarithms=True)
    return _figure(smallest.value, (float(np.exp(-high)), float(np.exp(-low))))


def _figure(value: float, ends: tuple[float, float]) -> Figure:
    low, high = ends
    if not np.isfinite([low, high]).all():
        return Figure(value, reason="too few rows in some group for an interval over all pairs")
    return Figure(value, min(low, value), max(high, value))
