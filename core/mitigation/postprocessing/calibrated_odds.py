"""Calibrated equalized odds after training, fitted on validation rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.data.row_hashing import hash_uniforms
from core.learning.models import EncodedModel
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    TrainingData,
    check_outcomes,
)


@dataclass(frozen=True)
class Withholding:
    """How often a group's score is withheld, and what stands in for it.

    Attributes
    ----------
    share : float
        Of the group's people, in [0, 1].
    base_rate : float
        Of the group, which is the score of those people.
    """

    share: float
    base_rate: float


def withholdings(
    scores: Floats, part: TrainingData, strength: float = 1.0
) -> dict[str, Withholding]:
    """Shares of withheld scores under which all groups have one generalised false negative rate.

    Pleiss et al. 2017, "On fairness and calibration", section 4: the generalised false negative
    rate is the mean of 1 - score among true positives. A group whose rate is below the highest
    has its score replaced by its base rate for a random share of its people, which keeps
    calibration and raises the rate in proportion to the share. A group whose base rate alone
    would not raise it that far has all its scores replaced. At a strength below 1 that part of
    the share is withheld, so that the rate rises that part of the way.

    Parameters
    ----------
    scores : ndarray of float, shape (n,)
    part : TrainingData
        Validation rows; every group has positives.
    strength : float
        In (0, 1]; towards 0 nothing is withheld.
    """
    weight = np.ones(len(scores)) if part.weights is None else part.weights
    rates, trivial, base = {}, {}, {}
    for group in np.unique(part.groups):
        name, rows = str(group), part.groups == group
        rates[name] = float(
            np.average(1 - scores[rows & part.positive], weights=weight[rows & part.positive])
        )
        base[name] = float(np.average(part.positive[rows], weights=weight[rows]))
        trivial[name] = 1 - base[name]
    highest = max(rates.values())
    out = {}
    for name, rate in rates.items():
        room = trivial[name] - rate
        share = min(1.0, (highest - rate) / room) if room > 0 else 0.0
        out[name] = Withholding(strength * share, base[name])
    return out


class WithholdingDecider:
    """A model whose score is withheld from a share of each group, drawn by each person's features.

    Nothing is withheld from a group that validation rows did not hold.
    """

    def __init__(self, model: EncodedModel, by_group: dict[str, Withholding], seed: int):
        self.model = model
        self.by_group = by_group
        self.seed = seed

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score with the group unknown, so that none is withheld, shape (n,)."""
        return self.model.predict_score(X)

    def predict_score_in_group(self, X: pd.DataFrame, groups: Objects) -> Floats:
        """Score on which the decision rests, shape (n,)."""
        out, drawn = self.predict_score(X).copy(), hash_uniforms(X, self.seed)
        for group, withholding in self.by_group.items():
            out[(groups == group) & (drawn < withholding.share)] = withholding.base_rate
        return out

    def positive_probability(self, X: pd.DataFrame, groups: Objects) -> Floats:
        """Chance of the positive decision before it is drawn whose score is withheld, (n,)."""
        out = (self.predict_score(X) >= 0.5).astype(np.float64)
        for group, withholding in self.by_group.items():
            rows = groups == group
            instead = float(withholding.base_rate >= 0.5)
            out[rows] = (1 - withholding.share) * out[rows] + withholding.share * instead
        return out

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the score reaches 0.5, shape (n,)."""
        return self.predict_score_in_group(X, groups) >= 0.5


def _calibrated(task: MitigationContext) -> Decider:
    check_outcomes(task.validation, "its generalised false negative rate cannot be compared")
    model = task.plain()
    by_group = withholdings(model.predict_score(task.validation.X), task.validation, task.strength)
    return WithholdingDecider(model, by_group, task.seed)


MITIGATIONS.add(
    Mitigation(
        "calibrated_equalized_odds",
        "Calibrated equalized odds",
        "Replaces the score of some people, chosen at random, with their group's base rate, until "
        "true positives are underrated equally in all groups; scores stay calibrated.",
        "after",
        _calibrated,
        needs_group_to_decide=True,
        randomised=True,
        source="Pleiss et al. 2017",
        assumes="Scores are calibrated in every group, and it is acceptable to treat the better "
        "served group worse.",
        degrees="At half strength half as many scores are withheld.",
    )
)
