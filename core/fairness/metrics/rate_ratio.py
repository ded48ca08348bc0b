"""Rates of groups as ratios to the highest one, each with Katz's interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.fairness.counts.cube import OutcomeCube
from core.fairness.intervals.intervals import (
    clopper_pearson,
    independent_level,
    normal_quantile,
    spread_of_sum,
)
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.judged_groups import judged_positions
from core.fairness.metrics.metric_definition import GroupMetric

LARGEST_REACH = 30.0
"""On logarithms: an interval that reaches further says nothing, and soon overflows."""


@dataclass(frozen=True)
class RateRatio:
    """A group's rate over the highest rate of any group.

    Attributes
    ----------
    group, highest : str
        Names of the two groups.
    label, highest_label : str
        The same as people read them.
    rate, highest_rate : float
        In [0, 1].
    ratio : Figure
        In [0, 1], its interval over all ratios that are told together.
    """

    group: str
    highest: str
    rate: float
    highest_rate: float
    ratio: Figure
    label: str
    highest_label: str


def rate_ratios(
    cube: OutcomeCube, metric: GroupMetric, level: float = 0.95, minimum_count: int = 30
) -> tuple[RateRatio, ...]:
    """Compare each known group that is large enough with the one of the highest rate.

    The lowest comes first.

    Parameters
    ----------
    cube : OutcomeCube
    metric : GroupMetric
        A plain share of hits among trials.
    level : float
        Of the intervals, all together (Šidák).
    minimum_count : int
        A smaller group is left out.
    """
    assert metric.rate is not None
    hits, trials = metric.rate
    total = trials(cube.weight)
    judged = judged_positions(cube, (metric,), minimum_count).tolist()
    kept = [p for p in judged if total[p] > 0]
    if len(kept) < 2:
        return ()
    rate = hits(cube.weight)[kept] / total[kept]
    names, labels = [cube.names[p] for p in kept], [cube.labels[p] for p in kept]
    best = int(np.argmax(rate))
    if rate[best] == 0:
        return ()
    each = independent_level(level, len(kept) - 1)
    size, common = cube.sizes(hits, trials, each), metric.correlation(cube)
    return tuple(
        RateRatio(
            names[p],
            names[best],
            float(rate[p]),
            float(rate[best]),
            katz(
                float(rate[p]),
                size[kept[p]],
                float(rate[best]),
                size[kept[best]],
                each,
                0.0 if common is None else float(common[kept[p], kept[best]]),
            ),
            labels[p],
            labels[best],
        )
        for p in np.argsort(rate, kind="stable")
        if p != best
    )


def katz(
    rate: float,
    size: float,
    reference: float,
    reference_size: float,
    level: float,
    correlation: float = 0.0,
) -> Figure:
    """Ratio of two rates with Katz's interval (Katz et al. 1978, Biometrics 34), on logarithms.

    Where no row of the first group is a hit, logarithms fail: the interval then runs from 0 to the
    ratio of the two rates' exact limits, which is cautious.

    Parameters
    ----------
    rate, reference : float
        In [0, 1]; the reference above 0.
    size, reference_size : float
        Rows behind them, above 0.
    level : float
        In (0, 1).
    correlation : float
        Of the two rates, where persons have rows in both groups.
    """
    ratio = rate / reference
    if rate == 0:
        high = float(clopper_pearson(np.zeros(1), np.array([size]), level)[1][0])
        hits, trials = np.array([reference * reference_size]), np.array([reference_size])
        low = float(clopper_pearson(hits, trials, level)[0][0])
        return Figure(0.0, 0.0, high / low)
    own, other = (1 - rate) / (rate * size), (1 - reference) / (reference * reference_size)
    error = spread_of_sum(np.sqrt(own), np.sqrt(other), -correlation)
    reach = float(normal_quantile(level) * error)
    if reach > LARGEST_REACH:
        # So little is behind the rate that nothing but the range of a ratio is known.
        return Figure(ratio, 0.0, max(ratio, 1 / reference))
    spread = float(np.exp(reach))
    return Figure(ratio, ratio / spread, ratio * spread)
