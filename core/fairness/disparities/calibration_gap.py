"""How far apart groups are in calibration at equal score, the worst bin counting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.fairness.disparities.contrasts import PAIRED_GROUPS, Extreme, gap, single_bounds
from core.fairness.intervals.extremes import Part, largest_difference
from core.fairness.intervals.intervals import Ends
from core.fairness.intervals.rate_intervals import near_exact
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.score_quality import BINS, CalibrationEstimate

SMALLEST_BIN = 10
"""A group is compared in a bin where it has persons worth so many of equal weight. They are chosen
by scores alone, so that this doesn't bend what is said of outcomes."""


@dataclass(frozen=True)
class CalibrationGap:
    """The largest gap in (observed rate − mean score) between two groups in the same bin of scores.

    Attributes
    ----------
    figure : Figure
        In [0, 1 + a bin's width], with an interval that holds over all bins and pairs of groups.
    extreme : tuple of int or None
        Positions of the groups with the lowest and the highest, None where undefined.
    """

    figure: Figure
    extreme: tuple[int, int] | None


def calibration_gap(items: tuple[CalibrationEstimate, ...], level: float) -> CalibrationGap:
    """Compare what scores predict with what is observed, group by group at equal score.

    Calibration within groups (Kleinberg, Mullainathan and Raghavan 2017, ITCS) asks that among
    people with equal scores the same share is positive in every group. Bins of equal width stand
    for equal scores; a group's mean score is taken off its observed rate, since groups may lie
    differently within a bin. Scores are taken as given and outcomes as random.

    Parameters
    ----------
    items : tuple of CalibrationEstimate
        One for each of at least two groups.
    level : float
        Of the interval, in (0, 1).
    """
    share, size, score, persons = (
        np.array([getattr(item, name) for item in items])
        for name in ("bin_rate", "bin_size", "bin_score", "bin_persons")
    )
    found: list[tuple[Extreme, np.ndarray]] = []
    parts: list[Part] = []
    for b in range(BINS):
        chosen = np.flatnonzero(persons[:, b] >= SMALLEST_BIN)
        if len(chosen) < 2:
            continue
        part = _part(share[chosen, b], size[chosen, b], score[chosen, b])
        parts.append(part)
        found.append((gap(part.estimates), chosen))
    if not parts:
        reason = (
            f"there is no bin of scores in which two groups have rows worth {SMALLEST_BIN} or more"
        )
        return CalibrationGap(Figure(None, reason=reason), None)
    worst, chosen = max(found, key=lambda item: item[0].value)
    if len(items) > PAIRED_GROUPS:
        low, high = single_bounds(parts, level)
    else:
        low, high = largest_difference(parts, level)
    figure = Figure(worst.value, min(low, worst.value), max(high, worst.value))
    return CalibrationGap(figure, (int(chosen[worst.lowest]), int(chosen[worst.highest])))


def _part(share: np.ndarray, size: np.ndarray, score: np.ndarray) -> Part:
    def ends(level: float) -> Ends:
        low, high = near_exact(share, size, level)
        return low - score, high - score

    return Part(share - score, ends)
