"""Encoded features without their linear correlation with the group."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from core.arrays import Flags, Floats, Objects
from core.learning.encoding import OneHot
from core.learning.models import AdditiveModel, EncodedModel
from core.mitigation.registry import MITIGATIONS, Decider, Mitigation, MitigationContext


def group_shifts(encoded: Floats, groups: Objects, weights: Floats | None) -> dict[str, Floats]:
    """How far each group's mean of each column lies from the mean of all.

    Taking it away leaves no linear correlation between any column and any group: what is left is
    the residual of least squares on centred indicators of the groups, which is the correlation
    remover of fairlearn.

    Parameters
    ----------
    encoded : ndarray of float, shape (n, m)
    groups : ndarray of str, shape (n,)
    weights : ndarray of float, shape (n,), or None

    Returns
    -------
    dict of str to ndarray of float, shape (m,)
        Without groups whose weights are all 0.
    """
    weight = np.ones(len(encoded)) if weights is None else weights
    centre = np.average(encoded, axis=0, weights=weight)
    out = {}
    for group in np.unique(groups):
        rows = groups == group
        if weight[rows].any():
            out[str(group)] = np.average(encoded[rows], axis=0, weights=weight[rows]) - centre
    return out


class DecorrelatedDecider:
    """A model on encoded columns without their correlation with the group.

    Where the group is not known, and for a group that training rows did not hold, nothing is
    taken away: the person counts as one from the average of all groups.
    """

    def __init__(self, model: EncodedModel, shifts: dict[str, Floats]):
        self.model = model
        self.shifts = shifts

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score with the group unknown, shape (n,)."""
        return self.model.predict_score(X)

    def predict_score_in_group(self, X: pd.DataFrame, groups: Objects) -> Floats:
        """Score on which the decision rests, shape (n,)."""
        return self.model.predict_encoded(
            without_shifts(self.model.encoder.transform(X), groups, self.shifts)
        )

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the score reaches 0.5, shape (n,)."""
        return self.predict_score_in_group(X, groups) >= 0.5


def without_shifts(encoded: Floats, groups: Objects, shifts: dict[str, Floats]) -> Floats:
    """Take from encoded rows their group's shift, shape (n, m)."""
    out = encoded.copy()
    for group, shift in shifts.items():
        out[groups == group] -= shift
    return out


def decorrelated(task: MitigationContext) -> Decider:
    """Train on encoded columns without their correlation with the group, or with less of it.

    At a strength s that share of each shift is taken away, which is the ``alpha`` of fairlearn's
    CorrelationRemover. Towards 0 it is the learner on indicator columns, whatever encoding it has
    of its own.
    """
    part = task.train
    model = task.build()
    # Codes of categories cannot be decorrelated, so every learner gets indicator columns here.
    model.encoder = OneHot()
    model.encoder.fit(part.X)
    encoded = model.encoder.transform(part.X)
    if isinstance(model, AdditiveModel):
        model.estimator.set_params(feature_types=["continuous"] * encoded.shape[1])
    full = group_shifts(encoded, part.groups, part.weights)
    shifts = {group: task.strength * shift for group, shift in full.items()}
    kept = np.ones(len(encoded), dtype=bool) if part.weights is None else part.weights > 0
    options = {} if part.weights is None else {"sample_weight": part.weights[kept]}
    with warnings.catch_warnings():
        # The learner's own figures on test rows, which are shown, judge the fit.
        warnings.filterwarnings("ignore", category=ConvergenceWarning)
        model.estimator.fit(
            without_shifts(encoded, part.groups, shifts)[kept],
            part.positive[kept].astype(int),
            **options,
        )
    return DecorrelatedDecider(model, shifts)


MITIGATIONS.add(
    Mitigation(
        "correlation_remover",
        "Correlation remover",
        "Takes from every encoded feature what a straight line can tell of the group, then trains "
        "on what is left.",
        "before",
        decorrelated,
        needs_group_to_decide=True,
        source="Bird et al. 2020, fairlearn's CorrelationRemover",
        assumes="Features tell of the group through their means alone, not through spread or "
        "through combinations of them, and the model is a straight line: a tree reads the group "
        "off the shifted numbers.",
        aim="demographic_parity_difference",
        degrees="At half strength half of what a straight line can tell is taken away.",
    )
)
