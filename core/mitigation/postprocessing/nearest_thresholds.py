"""Equalized odds after training without a lot: one threshold for each group."""

from __future__ import annotations

import numpy as np

from core.arrays import Flags, Floats
from core.mitigation.postprocessing.rate_thresholds import ThresholdsDecider
from core.mitigation.postprocessing.relaxed_odds import own_gap, relaxed_odds
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    ThresholdDecider,
    TrainingData,
    check_outcomes,
)


def rates_at(
    scores: Floats, positive: Flags, thresholds: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Compute true and false positive rates at each threshold, shape (k,) each."""
    reached = scores[:, None] >= thresholds
    hits, alarms = weights * positive, weights * ~positive
    return hits @ reached / hits.sum(), alarms @ reached / alarms.sum()


def nearest_thresholds(scores: Floats, part: TrainingData) -> dict[str, float]:
    """Thresholds whose rates lie nearest to those that a lot would reach in every group.

    The target is the most accurate pair of true and false positive rates that all groups can reach
    with a lot between thresholds (Hardt, Price and Srebro 2016, section 4.2). Each group takes the
    one threshold at which the larger of its two distances to the target is smallest; of several,
    the highest.

    Parameters
    ----------
    scores : ndarray of float, shape (n,)
    part : TrainingData
        Validation rows; every group has both outcomes.

    Returns
    -------
    dict of str to float
        By group; infinite where nobody is positive.
    """
    weight = np.ones(len(scores)) if part.weights is None else part.weights
    mixtures = relaxed_odds(scores, part, 0.0)
    rows_of = {name: (part.groups == name) & (weight > 0) for name in mixtures}
    reached = []
    for name, (thresholds, shares) in mixtures.items():
        rows = rows_of[name]
        tpr, fpr = rates_at(scores[rows], part.positive[rows], thresholds, weight[rows])
        reached.append((float(tpr @ shares), float(fpr @ shares)))
    # All groups reach the same pair, to within what the solver rounds.
    hit, alarm = np.mean(reached, axis=0)
    out = {}
    for name, rows in rows_of.items():
        thresholds = np.append(np.inf, np.unique(scores[rows])[::-1])
        tpr, fpr = rates_at(scores[rows], part.positive[rows], thresholds, weight[rows])
        distance = np.maximum(np.abs(tpr - hit), np.abs(fpr - alarm))
        out[name] = float(thresholds[int(np.argmin(distance))])
    return out


def _group_thresholds(task: MitigationContext) -> Decider:
    check_outcomes(task.validation, "no threshold can bring its rates near those of the others")
    model = task.plain()
    scores = model.predict_score(task.validation.X)
    own = own_gap(scores >= 0.5, task.validation)
    if not own.estimate or not own.low:
        # Thresholds that are fitted to what may be chance would open a gap where there is none.
        return ThresholdDecider(model)
    found = nearest_thresholds(scores, task.validation)
    # Above the highest score nobody is positive, and from there half of the way is known.
    moved = {name: 0.5 + task.strength * (min(t, 1.0 + 1e-9) - 0.5) for name, t in found.items()}
    return ThresholdsDecider(model, moved)


MITIGATIONS.add(
    Mitigation(
        "group_thresholds",
        "Group thresholds",
        "Gives each group one threshold, chosen on validation rows, so that true and false "
        "positive rates come as near to each other as is possible without randomisation; where the "
        "model's own gap may be chance there, its decisions stay as they are.",
        "after",
        _group_thresholds,
        needs_group_to_decide=True,
        source="Hardt et al. 2016, its target without randomising",
        assumes="Recorded outcomes are right in every group, thresholds may differ by group, and a "
        "gap that randomised decisions would close may remain.",
        aim="equalized_odds_difference",
        degrees="At half strength a group's threshold lies halfway between 0.5 and its own.",
    )
)
