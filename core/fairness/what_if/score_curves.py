"""ROC and calibration curves of every group, from a score cube."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats
from core.fairness.counts.score_cube import ScoreCube
from core.fairness.intervals.intervals import effective_size, wilson
from core.fairness.what_if.thresholds import curve

CALIBRATION_BINS = 10


@dataclass(frozen=True, eq=False)
class RocCurve:
    """How many positives are found for how many false alarms, as the threshold falls.

    Attributes
    ----------
    group : str
    false_positive_rate, true_positive_rate : ndarray of float64, shape (m,)
        Ascending from (0, 0) to (1, 1); NaN throughout where the group lacks negatives or
        positives.
    """

    group: str
    false_positive_rate: Floats
    true_positive_rate: Floats

    @property
    def is_defined(self) -> bool:
        """Whether the group has both labels."""
        return not (
            np.isnan(self.false_positive_rate).any() or np.isnan(self.true_positive_rate).any()
        )


@dataclass(frozen=True)
class CalibrationPoint:
    """Rows of like scores: what their scores predict, and what came.

    Attributes
    ----------
    low, high : float
        Ends of the bin of scores.
    rows : int
    mean_score : float
    rate : float
        Share of positive outcomes, in [0, 1].
    rate_low, rate_high : float
        Wilson's 95 % interval, for the effective size where rows have weights.
    """

    low: float
    high: float
    rows: int
    mean_score: float
    rate: float
    rate_low: float
    rate_high: float


def roc_curves(cube: ScoreCube) -> tuple[RocCurve, ...]:
    """Draw each group's ROC curve through the edges of a cube.

    Exact where each bin holds a single score; a straight line crosses a bin of several.

    Parameters
    ----------
    cube : ScoreCube
        With true outcomes.
    """
    found = [curve(cube, name) for name in ("false_positive_rate", "true_positive_rate")]
    whole = [np.c_[np.ones(len(rates)), rates, np.zeros(len(rates))][:, ::-1] for rates in found]
    for rates, mine in zip(found, whole, strict=True):
        mine[np.isnan(rates).any(axis=1)] = np.nan
    return tuple(
        RocCurve(" · ".join(group) or "everyone", whole[0][p], whole[1][p])
        for p, group in enumerate(cube.groups)
    )


def calibration_curves(
    cube: ScoreCube, bins: int = CALIBRATION_BINS, level: float = 0.95
) -> dict[str, tuple[CalibrationPoint, ...]]:
    """Compare scores with outcomes in even bins from 0 to 1, for every group.

    A bin of the cube belongs to the bin that its own mean score lies in.

    Parameters
    ----------
    cube : ScoreCube
        Of scores in [0, 1], with true outcomes.
    bins : int
        At least 1.
    level : float
        Of each interval by itself.

    Returns
    -------
    dict of str to tuple of CalibrationPoint
        By group; bins without rows are left out.
    """
    out = {}
    weight, squared = cube.weight.sum(axis=1), cube.weight_squared.sum(axis=1)
    score, count = cube.score_weight.sum(axis=1), cube.count.sum(axis=1)
    for p, group in enumerate(cube.groups):
        held = np.flatnonzero(weight[p] > 0)
        mean = score[p, held] / weight[p, held]
        which = np.minimum((mean * bins).astype(np.int64), bins - 1)
        points = []
        for b in np.unique(which).tolist():
            own = held[which == b]
            total = weight[p, own].sum()
            rate = float(cube.weight[p, 1, own].sum() / total)
            size = effective_size(np.array([total]), np.array([squared[p, own].sum()]))
            low, high = wilson(np.array([rate]), size, level)
            points.append(
                CalibrationPoint(
                    b / bins,
                    (b + 1) / bins,
                    int(count[p, own].sum()),
                    float(score[p, own].sum() / total),
                    rate,
                    float(low[0]),
                    float(high[0]),
                )
            )
        out[" · ".join(group) or "everyone"] = tuple(points)
    return out
