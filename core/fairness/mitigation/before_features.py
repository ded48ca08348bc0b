"""Features changed before training, so that they tell less of the group."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from core.fairness.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Flags,
    Floats,
    Groups,
    Mitigation,
    Task,
)
from core.learning.encoding import OneHot
from core.learning.models import AdditiveModel, EncodedModel

Places = tuple[Floats, Floats]
"""Ascending values of a feature and the place of each in its distribution, in (0, 1)."""


def group_shifts(encoded: Floats, groups: Groups, weights: Floats | None) -> dict[str, Floats]:
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


def places(values: Floats, weights: Floats) -> Places:
    """Distinct values with the middle of the range of ranks that each takes up.

    Parameters
    ----------
    values, weights : ndarray of float, shape (n,)
        Without missing values; at least one weight above 0.
    """
    distinct, position = np.unique(values, return_inverse=True)
    weight = np.bincount(position, weights=weights, minlength=len(distinct))
    distinct, weight = distinct[weight > 0], weight[weight > 0]
    return distinct, (np.cumsum(weight) - weight / 2) / weight.sum()


@dataclass(frozen=True)
class Repair:
    """Full repair of numeric features: each group's quantiles are moved to the median quantiles.

    Feldman et al. 2015, "Certifying and removing disparate impact", section 5.2, with repair
    level 1: a value at the place u of its group's distribution becomes the median over groups of
    their values at u. Missing values stay missing, categories stay as they are.

    Attributes
    ----------
    by_feature : dict of str to (dict of str to Places)
        Of each numeric feature, by group.
    shares : dict of str to float
        Of each group in the training rows.
    """

    by_feature: dict[str, dict[str, Places]]
    shares: dict[str, float]

    @classmethod
    def learn(cls, X: pd.DataFrame, groups: Groups, weights: Floats | None = None) -> Repair:
        """Learn the distributions from training rows."""
        weight = np.ones(len(X)) if weights is None else weights
        by_feature: dict[str, dict[str, Places]] = {}
        for name in X:
            if X[name].dtype.kind != "f":
                continue
            values = X[name].to_numpy(dtype=np.float64)
            by_feature[str(name)] = {}
            for group in np.unique(groups):
                rows = (groups == group) & ~np.isnan(values) & (weight > 0)
                if rows.any():
                    by_feature[str(name)][str(group)] = places(values[rows], weight[rows])
        total = weight.sum()
        shares = {str(g): float(weight[groups == g].sum() / total) for g in np.unique(groups)}
        return cls(by_feature, shares)

    def apply(self, X: pd.DataFrame, groups: Groups) -> pd.DataFrame:
        """Repair rows; those of a group that was not in the training rows stay as they are."""
        out = X.copy()
        for name, by_group in self.by_feature.items():
            values = X[name].to_numpy(dtype=np.float64)
            repaired = values.copy()
            for group, (known, place) in by_group.items():
                rows = (groups == group) & ~np.isnan(values)
                if rows.any():
                    u = np.interp(values[rows], known, place)
                    at_u = [np.interp(u, p, v) for v, p in by_group.values()]
                    repaired[rows] = np.median(at_u, axis=0)
            out[name] = repaired
        return out


class RepairDecider:
    """A model on repaired features, which depend on the group.

    Where the group is not known, the score is the mean of the scores in each group, weighted by
    the groups' shares of the training rows; so it is for a group that they did not hold.
    """

    def __init__(self, model: EncodedModel, repair: Repair):
        self.model = model
        self.repair = repair

    def score(self, X: pd.DataFrame) -> Floats:
        """Score with the group unknown, shape (n,)."""
        total = np.zeros(len(X))
        for group, share in self.repair.shares.items():
            as_group = np.full(len(X), group, dtype=object)
            total += share * self.model.score(self.repair.apply(X, as_group))
        return np.clip(total, 0.0, 1.0)

    def score_in_group(self, X: pd.DataFrame, groups: Groups) -> Floats:
        """Score on which the decision rests, shape (n,)."""
        out = self.model.score(self.repair.apply(X, groups))
        strangers = ~np.isin(groups.astype(str), list(self.repair.shares))
        if strangers.any():
            out[strangers] = self.score(X[strangers])
        return out

    def decide(self, X: pd.DataFrame, groups: Groups) -> Flags:
        """Positive where the score reaches 0.5, shape (n,)."""
        return self.score_in_group(X, groups) >= 0.5


class DecorrelatedDecider:
    """A model on encoded columns without their correlation with the group.

    Where the group is not known, and for a group that training rows did not hold, nothing is
    taken away: the person counts as one from the average of all groups.
    """

    def __init__(self, model: EncodedModel, shifts: dict[str, Floats]):
        self.model = model
        self.shifts = shifts

    def score(self, X: pd.DataFrame) -> Floats:
        """Score with the group unknown, shape (n,)."""
        return self.model.score(X)

    def score_in_group(self, X: pd.DataFrame, groups: Groups) -> Floats:
        """Score on which the decision rests, shape (n,)."""
        return self.model.score_encoded(
            without_shifts(self.model.encoder.transform(X), groups, self.shifts)
        )

    def decide(self, X: pd.DataFrame, groups: Groups) -> Flags:
        """Positive where the score reaches 0.5, shape (n,)."""
        return self.score_in_group(X, groups) >= 0.5


def without_shifts(encoded: Floats, groups: Groups, shifts: dict[str, Floats]) -> Floats:
    """Take from encoded rows their group's shift, shape (n, m)."""
    out = encoded.copy()
    for group, shift in shifts.items():
        out[groups == group] -= shift
    return out


def decorrelated(task: Task) -> Decider:
    """Train on encoded columns without their correlation with the group."""
    part = task.train
    model = task.build()
    # Codes of categories cannot be decorrelated, so every learner gets indicator columns here.
    model.encoder = OneHot()
    model.encoder.fit(part.X)
    encoded = model.encoder.transform(part.X)
    if isinstance(model, AdditiveModel):
        model.estimator.set_params(feature_types=["continuous"] * encoded.shape[1])
    shifts = group_shifts(encoded, part.groups, part.weights)
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


def _disparate_impact_repair(task: Task) -> Decider:
    part = task.train
    repair = Repair.learn(part.X, part.groups, part.weights)
    model = task.build()
    model.fit(repair.apply(part.X, part.groups), part.positive, part.weights)
    return RepairDecider(model, repair)


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
        "through combinations of them.",
        aim="demographic_parity_difference",
    )
)
MITIGATIONS.add(
    Mitigation(
        "disparate_impact_repair",
        "Disparate impact repair",
        "Moves the numbers of each group so that all groups have the same distribution, keeping "
        "the order of people within a group.",
        "before",
        _disparate_impact_repair,
        needs_group_to_decide=True,
        source="Feldman et al. 2015",
        assumes="People of equal rank within their groups are equally deserving, and categories "
        "tell little of the group: only numbers are repaired.",
        aim="demographic_parity_difference",
    )
)
