"""Intervals of the differences of single figures from resampled people.

How they are made and why is said in :mod:`core.comparison.paired.paired_bootstrap`; a wrong answer
would be caught by resampling rows one by one and by coverage in simulated worlds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats, Ints
from core.comparison.paired.joint_cells import JointCells, tables
from core.comparison.paired.paired_gaps import MOST_GROUPS, gap_difference
from core.comparison.paired.paired_scores import PUSHED_UP, Areas
from core.fairness.disparities.disparities import DisparityDefinition
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import METRICS, GroupMetric

MOST_UNDEFINED = 0.05
"""Where a figure is undefined in more draws than this, an interval of the rest would mislead."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Tables of label × decision of both models, in the sample and in resampled people.

    Attributes
    ----------
    seen : tuple of two ndarray, shape (g, 2, 2) each
        Of A and of B.
    centre : tuple of two ndarray, shape (g, 2, 2) each
        What draws are made from.
    draws : tuple of two ndarray, shape (draws, g, 2, 2) each
    """

    seen: tuple[Floats, Floats]
    centre: tuple[Floats, Floats]
    draws: tuple[Floats, Floats]


def draw_tables(cells: JointCells, draws: int, rng: np.random.Generator, smoothing: float) -> Drawn:
    """Draw people from joint cells, and read both models' tables from the same draws."""
    return Drawn(
        tables(cells.smoothed(0.0)),
        tables(cells.smoothed(smoothing)),
        tables(cells.draw(draws, rng, smoothing)),
    )


def decision_differences(
    metric: GroupMetric, drawn: Drawn, level: float
) -> list[tuple[Figure, int]]:
    """Differences of a metric in every group, with the number of draws without it.

    Parameters
    ----------
    metric : GroupMetric
    drawn : Drawn
    level : float
        In (0, 1).

    Returns
    -------
    list of tuple of (Figure, int), length g
        Where the metric is undefined in the sample, a figure whose reason the caller replaces.
    """
    a, b = (metric.value(table) for table in drawn.seen)
    low_centre, high_centre = (metric.value(table) for table in drawn.centre)
    centre = high_centre - low_centre
    found = metric.value(drawn.draws[1]) - metric.value(drawn.draws[0])
    out = []
    for position, estimate in enumerate((b - a).tolist()):
        column = found[:, position]
        kept = column[np.isfinite(column)]
        missing = len(column) - len(kept)
        if np.isnan(estimate):
            out.append((Figure(None, reason="not defined for both"), missing))
        elif missing > MOST_UNDEFINED * len(column):
            out.append((Figure(estimate, reason=_too_often(missing, len(column))), missing))
        else:
            ends = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
            low, high = ends - centre[position] + estimate
            # Recentred draws may pass the range of the figure, and by rounding the estimate.
            low, high = max(-1.0, min(float(low), estimate)), min(1.0, max(float(high), estimate))
            out.append((Figure(estimate, low, high), missing))
    return out


def disparity_interval(
    definition: DisparityDefinition,
    drawn: Drawn,
    areas: Areas | str,
    level: float,
    in_bins: tuple[float, float] | str = PUSHED_UP,
    positions: Ints | None = None,
) -> tuple[tuple[float, float] | str, int]:
    """Interval of B's disparity minus A's, or the reason for none; and draws that were left out.

    Parameters
    ----------
    definition : DisparityDefinition
        Defined for both models in the sample.
    drawn : Drawn
    areas : Areas or str
        Areas under the curve by group, or why there are none.
    level : float
        In (0, 1).
    in_bins : tuple of (float, float) or str
        Interval of a disparity within bins of scores, or why there is none.
    positions : ndarray of int64, optional
        Of the groups that are compared; all by default.
    """
    if definition.scale == "bins":
        return in_bins, 0
    chosen = np.arange(drawn.seen[0].shape[0]) if positions is None else positions
    groups = len(chosen)
    if groups > MOST_GROUPS:
        return f"with {groups} groups too many pairs could be the furthest apart", 0
    seen: tuple[list[Floats], list[Floats]] = ([], [])
    draws: tuple[list[Floats], list[Floats]] = ([], [])
    for name in definition.metrics:
        metric = METRICS[name]
        for side in (0, 1):
            if isinstance(metric, GroupMetric):
                seen[side].append(metric.value(drawn.seen[side])[chosen])
                draws[side].append(metric.value(drawn.draws[side])[:, chosen])
            elif name != "roc_auc":
                return PUSHED_UP, 0
            elif isinstance(areas, str):
                return areas, 0
            else:
                seen[side].append(areas.seen[side][chosen])
                draws[side].append(areas.drawn[side][:, chosen])
    kept = np.all([np.isfinite(d).all(axis=1) for side in draws for d in side], axis=0)
    missing = int((~kept).sum())
    if missing > MOST_UNDEFINED * len(kept):
        return _too_often(missing, len(kept)), missing
    left = [d[kept] for d in draws[0]], [d[kept] for d in draws[1]]
    return gap_difference(definition, seen, left, level), missing


def _too_often(missing: int, draws: int) -> str:
    return (
        f"in {missing} of {draws} draws of people it is not defined, so an interval of the others "
        "would mislead"
    )
