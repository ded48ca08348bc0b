"""Equalized odds within a tolerance after training, fitted on validation rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, QhullError

from core.arrays import Flags, Floats, Objects
from core.data.row_hashing import hash_uniforms
from core.fairness.counts.cube import build_cube
from core.fairness.disparities.disparities import DISPARITIES, compare
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.group_measurement import Measured, Measurement, Sampling
from core.fairness.metrics.metric_registry import METRICS, GroupMetric
from core.learning.models import EncodedModel
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    ThresholdDecider,
    TrainingData,
    check_outcomes,
)

TOLERANCE = 0.05
"""How far apart true and false positive rates may lie, on validation rows, when relaxed."""

LEVEL = 0.95
"""Of the interval that says whether the learner has a gap of its own on validation rows."""


class ThresholdMixtureDecider:
    """By group, a mixture of thresholds between which each person's draw chooses.

    A group that validation rows did not hold keeps the threshold 0.5.
    """

    def __init__(self, model: EncodedModel, mixtures: dict[str, tuple[Floats, Floats]], seed: int):
        self.model = model
        self.mixtures = mixtures
        self.seed = seed

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score of the model, shape (n,)."""
        return self.model.predict_score(X)

    def positive_probability(self, X: pd.DataFrame, groups: Objects) -> Floats:
        """Chance of the positive decision by the mixture of each row's group, shape (n,)."""
        scores = self.predict_score(X)
        out = (scores >= 0.5).astype(np.float64)
        for group, (thresholds, shares) in self.mixtures.items():
            rows = groups == group
            out[rows] = (scores[rows, None] >= thresholds) @ shares
        return out

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the person's lot falls below their chance, shape (n,)."""
        return hash_uniforms(X, self.seed) < self.positive_probability(X, groups)


def operating_points(
    scores: Floats, positive: Flags, weights: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """Thresholds on the convex hull of the points (false, true positive rate) that scores reach.

    Returns
    -------
    thresholds, fpr, tpr : ndarray of float, each of shape (k,)
        The first threshold is infinite: nobody is positive.
    """
    weight = np.ones(len(scores)) if weights is None else weights
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)
    hits = np.cumsum(weight[order] * positive[order])[last]
    alarms = np.cumsum(weight[order] * ~positive[order])[last]
    thresholds = np.append(np.inf, scores[order][last])
    fpr, tpr = np.append(0.0, alarms / alarms[-1]), np.append(0.0, hits / hits[-1])
    try:
        corners = np.sort(ConvexHull(np.column_stack([fpr, tpr])).vertices)
    except QhullError:  # All points on one line: its ends span it.
        corners = np.array([0, len(fpr) - 1])
    return thresholds[corners], fpr[corners], tpr[corners]


def relaxed_odds(
    scores: Floats, part: TrainingData, tolerance: float
) -> dict[str, tuple[Floats, Floats]]:
    """Most accurate mixtures of thresholds whose rates differ by at most ``tolerance``.

    The linear programme of Hardt, Price and Srebro 2016, section 4.2, over the corners of each
    group's hull, with the equalities of true and of false positive rates relaxed to ranges. At 0
    it is exact equalized odds; at 1 each group gets its most accurate threshold.

    Parameters
    ----------
    scores : ndarray of float, shape (n,)
    part : TrainingData
        Validation rows; every group has both outcomes.
    tolerance : float
        In [0, 1].

    Returns
    -------
    dict of str to (thresholds, shares)
        Shares add up to 1 in each group.
    """
    weight = np.ones(len(scores)) if part.weights is None else part.weights
    names = [str(group) for group in np.unique(part.groups)]
    points, gains = [], []
    for name in names:
        rows = (part.groups == name) & (weight > 0)
        points.append(operating_points(scores[rows], part.positive[rows], weight[rows]))
        hits = weight[rows & part.positive].sum() / weight.sum()
        alarms = weight[rows & ~part.positive].sum() / weight.sum()
        gains.append(hits * points[-1][2] - alarms * points[-1][1])
    # Unknown are the shares, and the lowest true and false positive rate of any group.
    ends = np.cumsum([len(gain) for gain in gains])
    unknowns = int(ends[-1]) + 2
    sums = np.zeros((len(names), unknowns))
    limits, bounds = [], []
    for i, (end, (_, fpr, tpr)) in enumerate(zip(ends, points, strict=True)):
        own = slice(end - len(fpr), end)
        sums[i, own] = 1.0
        for rates, lowest in ((tpr, -2), (fpr, -1)):
            row = np.zeros(unknowns)
            row[own], row[lowest] = rates, -1.0
            limits += [row, -row]
            bounds += [tolerance, 0.0]
    found = linprog(
        np.concatenate([-np.concatenate(gains), [0.0, 0.0]]),
        A_ub=np.array(limits),
        b_ub=np.array(bounds),
        A_eq=sums,
        b_eq=np.ones(len(names)),
        bounds=(0.0, 1.0),
        method="highs",
    )
    out = {}
    for name, share, (thresholds, _, _) in zip(
        names, np.split(found.x[:-2], ends[:-1]), points, strict=True
    ):
        share = np.clip(share, 0.0, None)
        used = share > 1e-12
        out[name] = thresholds[used], share[used] / share[used].sum()
    return out


def own_gap(decisions: Flags, part: TrainingData) -> Figure:
    """Equalized-odds difference of decisions with its interval.

    Parameters
    ----------
    decisions : ndarray of bool, shape (n,)
    part : TrainingData
        Validation rows; every group has both outcomes.
    """
    sensitive = pd.DataFrame({"group": pd.Series(part.groups, dtype=object)})
    cube = build_cube(part.positive, decisions, sensitive, part.weights)
    definition = DISPARITIES["equalized_odds_difference"]
    measured: list[Measurement] = [
        Measured(metric, cube)
        for name in definition.metrics
        if isinstance(metric := METRICS[name], GroupMetric)
    ]
    names = tuple(group for (group,) in cube.groups)
    found = compare(definition, measured, names, LEVEL, Sampling())
    return found.figure if found.among_defined is None else found.among_defined


def allowed_gap(own: float, strength: float) -> float:
    """How far apart rates may lie at a strength: its part of the way to :data:`TOLERANCE`.

    The way begins at the gap of the decisions at 0.5 on the same rows, which is never exceeded:
    where it is within the tolerance already, no more than it is allowed at any strength.

    Parameters
    ----------
    own : float
        That gap, in [0, 1].
    strength : float
        In (0, 1]. Towards 0 the mixture found is the most accurate one whose gap is no larger than
        that at 0.5, and so decides otherwise than at 0.5 where that is not the best threshold.
    """
    return min(own, TOLERANCE + (1 - strength) * max(0.0, own - TOLERANCE))


def _relaxed(task: MitigationContext) -> Decider:
    check_outcomes(
        task.validation, "no threshold can bring its true and false positive rates to those of all"
    )
    model = task.plain()
    scores = model.predict_score(task.validation.X)
    own = own_gap(scores >= 0.5, task.validation)
    if not own.estimate or not own.low:
        # Thresholds that are fitted to what may be chance would open a gap where there is none.
        return ThresholdDecider(model)
    tolerance = allowed_gap(own.estimate, task.strength)
    mixtures = relaxed_odds(scores, task.validation, tolerance)
    return ThresholdMixtureDecider(model, mixtures, task.seed)


MITIGATIONS.add(
    Mitigation(
        "relaxed_equalized_odds",
        "Relaxed equalized odds",
        "Gives each group its own thresholds, chosen on validation rows, so that true and false "
        f"positive rates differ by at most {TOLERANCE:g}, or by the model's own gap where that "
        "is smaller, and as many decisions as possible are right; where the model's own gap may "
        "be chance there, its decisions stay as they are.",
        "after",
        _relaxed,
        needs_group_to_decide=True,
        randomised=True,
        source="Hardt et al. 2016, with the equalities relaxed",
        assumes="Recorded outcomes are right in every group, thresholds may differ by group, and "
        f"a gap of {TOLERANCE:g} is small enough.",
        aim="equalized_odds_difference",
        degrees="At half strength the gap that is allowed lies halfway between the model's own "
        f"and {TOLERANCE:g}.",
    )
)
