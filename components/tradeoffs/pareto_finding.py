"""A Pareto analysis in one sentence: the edge of what can be had, and its axes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from components.widgets.charts import plain
from core.fairness.disparities.disparities import lower
from core.tradeoff.frontier.chosen import setting_label
from core.tradeoff.frontier.equivalent_settings import all_equivalent_sentence
from core.tradeoff.frontier.frontier import pareto_front

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.arrays import Ints
    from core.tradeoff.frontier.axes import ParetoAxis
    from core.tradeoff.frontier.pareto_analysis import Filtered, ParetoAnalysis
    from core.tradeoff.sweep.grid import Setting


def edge(found: ParetoAnalysis, limits: Filtered, apart: Collection[Setting] = ()) -> Ints:
    """Rows within the limits that no other there beats in both figures, ε left aside, in order.

    Settings that are told ``apart``, as they decide nearly everyone alike, beat nobody.
    """
    rows = np.array(
        [row for row in np.flatnonzero(limits.kept) if found.settings[row] not in apart],
        dtype=np.int64,
    )
    member = pareto_front(found.losses[rows, :2], found.names[:2]).member
    on = rows[member]
    return on[np.lexsort((found.losses[on, 0], found.losses[on, 1]))]


def axis_title(axis: ParetoAxis) -> str:
    """Title of an axis with its unit and its better end, on two lines for a phone."""
    if axis.kind == "disparity":
        ideal = "0" if axis.direction == "lower" else "1"
        return f"{plain(axis.title)}<br>({ideal} = parity; {axis.direction} is fairer)"
    reach = "0 to 1; " if (axis.low, axis.high) == (0.0, 1.0) else ""
    return f"{plain(axis.title)}<br>({reach}{axis.direction} is better)"


def finding(
    found: ParetoAnalysis,
    limits: Filtered,
    tied: int | None = None,
    apart: Collection[Setting] = (),
) -> str:
    """State what can be had: the best performance, and what the fairest gives up for it.

    Settings told ``apart`` decide nearly everyone alike: none of them is the fairest.
    """
    if apart and set(found.settings) <= set(apart):
        return all_equivalent_sentence(len(found.settings))
    line = edge(found, limits, apart)
    performance, unfairness = (lower(axis.title) for axis in found.axes[:2])
    if not len(line):
        return "No setting with both figures is within the limits"
    left = sum(found.settings[row] not in apart for row in np.flatnonzero(limits.kept))
    best, fairest = int(line[-1]), int(line[0])
    y, x = found.tables[0].mean, found.tables[1].mean
    text = (
        f"{found.names[0]} of {y[best]:.3f} is the best of {left} "
        f"setting{'s' if left != 1 else ''} ({setting_label(found.settings[best])}), at "
        f"{unfairness} of {x[best]:.3f}"
    )
    if fairest != best:
        text += (
            f"; the fairest has {x[fairest]:.3f} at {performance} of {y[fairest]:.3f} "
            f"({setting_label(found.settings[fairest])})"
        )
    if tied:
        others = "1 other does" if tied == 1 else f"{tied} others do"
        text += f"; {others} not differ significantly from the best"
    return text
