"""Marginal prices: what a little more ε buys, and what a little less unfairness costs.

*Of ε*: between neighbouring ε of the same other choices, the gain in a figure divided by the step
in ε, and by the number of doublings in it: a finite difference, the mean price over that step.
*Of unfairness*: on the front of performance against unfairness at one ε, between neighbouring
members, the performance given up for each 0.01 less unfairness. As a ratio of two uncertain
differences it has an interval only where the difference in unfairness is distinct from 0; it is
then the extremes of the ratio over both differences' 97.5 % intervals, which hold together with
95 % (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from core.fairness.metrics.assessment import Figure
from core.tradeoff.frontier.axes import ParetoAxis
from core.tradeoff.frontier.differences import Difference, difference
from core.tradeoff.frontier.frontier import pareto_front
from core.tradeoff.frontier.pareto_analysis import ParetoAnalysis
from core.tradeoff.frontier.spread import LEVEL
from core.tradeoff.sweep.grid import Setting

POINT = 0.01
BOTH = 1 - (1 - LEVEL) / 2
"""Level of two intervals that hold together with :data:`LEVEL`."""


@dataclass(frozen=True)
class EpsilonPrice:
    """What one step in ε buys of one figure.

    Attributes
    ----------
    axis : ParetoAxis
    smaller, larger : Setting
        Alike but for ε.
    gain : Difference
        Over the whole step; positive is better.
    for_one, for_doubling : Difference
        Each unit of ε, and each doubling of it.
    on_front : tuple of (bool, bool)
        Whether each of the two is on the front of all three.
    """

    axis: ParetoAxis
    smaller: Setting
    larger: Setting
    gain: Difference
    for_one: Difference
    for_doubling: Difference
    on_front: tuple[bool, bool]


@dataclass(frozen=True)
class GapPrice:
    """What 0.01 less unfairness costs in performance.

    Attributes
    ----------
    fairer, better : Setting
        Neighbours on the front at ``epsilon``; the second performs better.
    epsilon : float or None
        None without privacy.
    price : Figure
        Performance given up for each 0.01; with the reason where it, or its interval, is not
        defined.
    """

    fairer: Setting
    better: Setting
    epsilon: float | None
    price: Figure


def epsilon_prices(analysis: ParetoAnalysis) -> tuple[EpsilonPrice, ...]:
    """Price each step between neighbouring ε, for performance and then unfairness."""
    rows: dict[Setting, list[int]] = {}
    for row, setting in enumerate(analysis.settings):
        if setting.epsilon is not None:
            rows.setdefault(replace(setting, epsilon=None), []).append(row)
    front = pareto_front(analysis.losses, analysis.names).member
    out = []
    for axis, column in zip(
        analysis.axes[:2], (analysis.performance, analysis.unfairness), strict=True
    ):
        for members in rows.values():
            ordered = sorted(members, key=lambda row: float(analysis.epsilon[row]))
            for low, high in pairwise(ordered):
                small, large = analysis.epsilon[[low, high]].tolist()
                gain = _times(difference(column[high], column[low]), -axis.sign)
                out.append(
                    EpsilonPrice(
                        axis,
                        analysis.settings[low],
                        analysis.settings[high],
                        gain,
                        _times(gain, 1 / (large - small)),
                        _times(gain, float(1 / np.log2(large / small))),
                        (bool(front[low]), bool(front[high])),
                    )
                )
    return tuple(out)


def gap_prices(analysis: ParetoAnalysis) -> tuple[GapPrice, ...]:
    """Price each step along the front at each ε, from the fairest on; small ε first."""
    out = []
    for epsilon in np.unique(analysis.epsilon):
        rows = np.flatnonzero(analysis.epsilon == epsilon)
        front = pareto_front(analysis.losses[rows, :2], analysis.names[:2]).member
        members = rows[front]
        order = members[np.lexsort((analysis.losses[members, 0], analysis.losses[members, 1]))]
        for fair, unfair in pairwise(order):
            out.append(
                GapPrice(
                    analysis.settings[fair],
                    analysis.settings[unfair],
                    None if np.isinf(epsilon) else float(epsilon),
                    _slope(analysis, int(fair), int(unfair)),
                )
            )
    return tuple(out)


def _slope(analysis: ParetoAnalysis, fair: int, unfair: int) -> Figure:
    performance, unfairness = analysis.axes[0], analysis.axes[1]
    lost = _times(
        difference(analysis.performance[fair], analysis.performance[unfair], level=BOTH),
        performance.sign,
    )
    narrowed = _times(
        difference(analysis.unfairness[unfair], analysis.unfairness[fair], level=BOTH),
        unfairness.sign,
    )
    if not narrowed.value or lost.value is None or narrowed.value < 0:
        return Figure(None, reason="over the splits that both have the first is not fairer")
    price = POINT * lost.value / narrowed.value
    if lost.low is None or lost.high is None or narrowed.low is None or narrowed.high is None:
        return Figure(price, reason=lost.reason or narrowed.reason)
    if narrowed.low <= 0:
        reason = "no interval: the two do not differ significantly in unfairness"
        return Figure(price, reason=reason)
    ratios = [a / b for a in (lost.low, lost.high) for b in (narrowed.low, narrowed.high)]
    return Figure(price, POINT * min(ratios), POINT * max(ratios))


def _times(found: Difference, factor: float) -> Difference:
    if found.value is None or found.low is None or found.high is None:
        return replace(found, value=None if found.value is None else factor * found.value)
    low, high = sorted((factor * found.low, factor * found.high))
    return replace(found, value=factor * found.value, low=low, high=high)
