"""How two models' scores of the same people differ: ranking and squared distance.

Definition
----------
Areas under the ROC curve: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, paired, by
:func:`core.anonymity.price.auroc_change`. In groups, the covariance of the two areas is
(Var A + Var B − Var(B − A)) / 2 with each from DeLong, and groups are independent; draws of areas
are normal with these. Brier scores: the mean of paired differences with its standard error.

A wrong answer would be caught by resampling rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.anonymity.price import auroc_change
from core.arrays import Flags, Floats, Ints
from core.fairness.counts.cube import as_persons
from core.fairness.counts.grouping import Grouping
from core.fairness.counts.ranking import ROUNDING, by_person, effective, roc_auc
from core.fairness.intervals.intervals import normal_quantile
from core.fairness.metrics.assessment import Figure

PUSHED_UP = (
    "noise pushes a calibration error up in both models, by how much is not known well enough for "
    "an interval of the difference"
)


@dataclass(frozen=True, eq=False)
class Areas:
    """Areas of A and B in g groups: as they are, shape (g,), and drawn, shape (draws, g)."""

    seen: tuple[Floats, Floats]
    drawn: tuple[Floats, Floats]


def score_difference(
    name: str,
    target: Flags,
    a: Floats,
    b: Floats,
    level: float,
    persons: Ints | None = None,
) -> Figure:
    """Interval of B's figure minus A's, both of which are defined.

    Parameters
    ----------
    name : str
        Of a score metric.
    target : ndarray of bool, shape (n,)
    a, b : ndarray of float64, shape (n,)
        Scores of the same people.
    level : float
        In (0, 1).
    persons : ndarray of int, shape (n,), optional
        Equal for rows of one person.

    Returns
    -------
    Figure
        Without an interval, or even undefined, where there is no method; the reason says why.
    """
    if name == "roc_auc":
        found = auroc_change(target, a, b, level=level, persons=persons)
        if found.low == found.high and not np.array_equal(a, b):
            reason = "both models' areas have no spread in the sample, being 0 or 1"
            return Figure(found.estimate, reason=reason) if _on_border(target, a, b) else found
        return found
    if name == "brier":
        d = np.square(b - target) - np.square(a - target)
        if len(d) < 2:
            return Figure(float(d.mean()), reason="an interval needs at least two rows")
        mean, error = float(d.mean()), float(d.std(ddof=1) / np.sqrt(len(d)))
        ids = as_persons(persons, len(d))
        if ids is not None:
            one = np.ones(len(d))
            found_of = by_person(mean, ids, (d - mean) / len(d), effective(ids, one))
            if found_of.standard_error is None:
                return Figure(mean, reason=found_of.reason)
            error = found_of.error(level)
        half = normal_quantile(level) * error
        return Figure(mean, max(-1.0, mean - half), min(1.0, mean + half))
    return Figure(None, reason=PUSHED_UP)


def _on_border(target: Flags, a: Floats, b: Floats) -> bool:
    codes = np.zeros(len(target), dtype=np.int64)
    found = (roc_auc(codes, 1, target, s)[0].estimate for s in (a, b))
    return any(area is not None and min(area, 1 - area) < ROUNDING for area in found)


def drawn_areas(
    grouping: Grouping,
    target: Flags,
    scores: tuple[Floats, Floats],
    draws: int,
    rng: np.random.Generator,
    persons: Ints | None = None,
) -> Areas | str:
    """Draw the areas of A and B in every group, or say why that can't be.

    Parameters
    ----------
    grouping : Grouping
        Of n rows.
    target : ndarray of bool, shape (n,)
    scores : tuple of two ndarray of float64, shape (n,)
    draws : int
    """
    z = normal_quantile(0.5)
    ids = as_persons(persons, len(target))
    groups = len(grouping.groups)
    found = [roc_auc(grouping.codes, groups, target, s, None, ids) for s in scores]
    out = np.empty((2, draws, len(grouping.groups)))
    for position, name in enumerate(grouping.names):
        errors, areas = [], []
        for items in found:
            item = items[position]
            if item.estimate is None or not item.standard_error:
                why = item.reason or "an area is 0 or 1, so its spread is not known"
                return f"{why} in group {name}"
            areas.append(item.estimate)
            errors.append(item.error(0.5))
        rows = grouping.codes == position
        # At a level of one half no end is cut off at 1.
        change = auroc_change(
            target[rows], scores[0][rows], scores[1][rows], level=0.5,
            persons=None if ids is None else ids[rows],
        )  # fmt: skip
        assert change.low is not None
        assert change.high is not None
        spread = ((change.high - change.low) / (2 * z)) ** 2
        most = errors[0] * errors[1]
        shared = float(np.clip((errors[0] ** 2 + errors[1] ** 2 - spread) / 2, -most, most))
        first, second = rng.normal(size=(2, draws))
        slope = shared / errors[0]
        out[0, :, position] = areas[0] + errors[0] * first
        left = np.sqrt(max(errors[1] ** 2 - slope**2, 0.0))
        out[1, :, position] = areas[1] + slope * first + left * second
    seen = [np.array([item.estimate for item in items], dtype=np.float64) for items in found]
    return Areas((seen[0], seen[1]), (out[0], out[1]))
