"""Decisions changed near the threshold after training, fitted on validation rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.learning.models import EncodedModel
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    TrainingData,
    check_outcomes,
)

BANDS = np.arange(50) / 100
"""Half-widths of the band around 0.5 that reject-option classification tries."""


class ThresholdsDecider:
    """One threshold for each group; 0.5 for a group that validation rows did not hold."""

    def __init__(self, model: EncodedModel, thresholds: dict[str, float]):
        self.model = model
        self.thresholds = thresholds

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score of the model, shape (n,)."""
        return self.model.predict_score(X)

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the score reaches the group's threshold, shape (n,)."""
        return (
            self.predict_score(X) >= pd.Series(groups).map(self.thresholds).fillna(0.5).to_numpy()
        )


def levelling_thresholds(
    scores: Floats, part: TrainingData, strength: float = 1.0
) -> dict[str, float]:
    """Thresholds that lift every group's true positive rate to that of the best group.

    A group's threshold is the highest at which its rate, on validation rows, is no lower than
    the best group's rate at 0.5; it is never above 0.5. So nobody loses a positive decision. At a
    strength below 1 the rate that is asked of a group lies that part of the way from its own to
    the best.

    Parameters
    ----------
    scores : ndarray of float, shape (n,)
    part : TrainingData
        Validation rows; every group has positives.
    strength : float
        In (0, 1]; towards 0 a group gets the rate of one more true positive at most.

    Returns
    -------
    dict of str to float
        By group, in [0, 0.5].
    """
    weight = np.ones(len(scores)) if part.weights is None else part.weights
    of_group = {str(g): (part.groups == g) & part.positive for g in np.unique(part.groups)}
    own = {
        name: float(weight[rows & (scores >= 0.5)].sum() / weight[rows].sum())
        for name, rows in of_group.items()
    }
    best = max(own.values())
    out = {}
    for name, rows in of_group.items():
        order = np.argsort(-scores[rows], kind="stable")
        reached = np.cumsum(weight[rows][order]) / weight[rows].sum()
        # Rounding of the sums must not cost another person's step.
        wanted = (1 - strength) * own[name] + strength * best
        needed = int(np.searchsorted(reached, wanted - 1e-12))
        threshold = scores[rows][order][min(needed, len(order) - 1)]
        out[name] = min(0.5, float(threshold)) if best > 0 else 0.5
    return out


def reject_option_thresholds(
    scores: Floats, part: TrainingData, strength: float = 1.0
) -> dict[str, float]:
    """Thresholds of reject-option classification, with the band that validation rows ask for.

    Kamiran, Karim and Zhang 2012, "Decision theory for discrimination-aware classification",
    section III: within a band around 0.5 the favourable decision goes to the worse-off groups and
    the unfavourable one to the others. Worse off is a group selected more rarely than all rows
    together. The band is the narrowest of those with the smallest gap in selection rates; at a
    strength below 1 it is that part as wide.

    Parameters
    ----------
    scores : ndarray of float, shape (n,)
    part : TrainingData
        Validation rows.
    strength : float
        In (0, 1]; towards 0 all thresholds are 0.5.

    Returns
    -------
    dict of str to float
        By group, in (0, 1): inside the band all of a worse-off group are positive.
    """
    weight = np.ones(len(scores)) if part.weights is None else part.weights
    rows_of = {
        str(g): rows for g in np.unique(part.groups) if weight[rows := part.groups == g].any()
    }
    overall = np.average(scores >= 0.5, weights=weight)

    def selected(name: str, threshold: float) -> float:
        rows = rows_of[name]
        return float(np.average(scores[rows] >= threshold, weights=weight[rows]))

    worse_off = {name: selected(name, 0.5) < overall for name in rows_of}

    def thresholds(band: float) -> dict[str, float]:
        return {name: 0.5 - band if worse_off[name] else 0.5 + band for name in rows_of}

    def gap(band: float) -> float:
        rates = [selected(name, threshold) for name, threshold in thresholds(band).items()]
        return max(rates) - min(rates)

    gaps = [gap(float(band)) for band in BANDS]
    return thresholds(strength * float(BANDS[int(np.argmin(gaps))]))


def _levelling_up(task: MitigationContext) -> Decider:
    check_outcomes(task.validation, "its true positive rate cannot be compared and raised")
    model = task.plain()
    scores = model.predict_score(task.validation.X)
    return ThresholdsDecider(model, levelling_thresholds(scores, task.validation, task.strength))


def _reject_option(task: MitigationContext) -> Decider:
    model = task.plain()
    scores = model.predict_score(task.validation.X)
    return ThresholdsDecider(
        model, reject_option_thresholds(scores, task.validation, task.strength)
    )


MITIGATIONS.add(
    Mitigation(
        "reject_option",
        "Reject-option classification",
        "In a band around the threshold, where the model is least sure, decides for the groups "
        "selected more rarely and against the others.",
        "after",
        _reject_option,
        needs_group_to_decide=True,
        source="Kamiran et al. 2012",
        assumes="Unjust decisions happen near the threshold, and equal selection rates are right.",
        aim="demographic_parity_difference",
        degrees="At half strength the band is half as wide.",
    )
)
MITIGATIONS.add(
    Mitigation(
        "levelling_up",
        "Levelling up",
        "Lowers the thresholds of groups whose true positive rate is below the best group's, until "
        "on validation rows it is reached; nobody loses a positive decision, and more of those "
        "given may be wrong.",
        "after",
        _levelling_up,
        needs_group_to_decide=True,
        source="Mittelstadt, Wachter and Russell 2023, minimum rate constraints",
        assumes="The positive decision is the favourable one, and there is room for more of them.",
        aim="equal_opportunity_difference",
        raises_positives=True,
        degrees="At half strength a group's true positive rate is raised half of the way to the "
        "best group's.",
    )
)
