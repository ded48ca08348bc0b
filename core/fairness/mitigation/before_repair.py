"""Numbers of each group moved before training, so that all groups have the same distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.fairness.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Flags,
    Floats,
    Groups,
    Mitigation,
    Task,
)
from core.learning.models import EncodedModel

Places = tuple[Floats, Floats]
"""Ascending values of a feature and the place of each in its distribution, in (0, 1)."""


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
    """Repair of numeric features: each group's quantiles are moved towards the median quantiles.

    Feldman et al. 2015, "Certifying and removing disparate impact", section 5.2: in full, a value
    at the place u of its group's distribution becomes the median over groups of their values at u.
    Their geometric repair of level λ goes the part λ of the way, (1 - λ) x + λ x_full. Missing
    values stay missing, categories stay as they are.

    Attributes
    ----------
    by_feature : dict of str to (dict of str to Places)
        Of each numeric feature, by group.
    shares : dict of str to float
        Of each group in the training rows.
    level : float
        In (0, 1]; towards 0 every value stays what it is.
    """

    by_feature: dict[str, dict[str, Places]]
    shares: dict[str, float]
    level: float = 1.0

    @classmethod
    def learn(
        cls,
        X: pd.DataFrame,
        groups: Groups,
        weights: Floats | None = None,
        level: float = 1.0,
    ) -> Repair:
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
        return cls(by_feature, shares, level)

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
            out[name] = (1 - self.level) * values + self.level * repaired
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


def _disparate_impact_repair(task: Task) -> Decider:
    part = task.train
    repair = Repair.learn(part.X, part.groups, part.weights, task.strength)
    model = task.build()
    model.fit(repair.apply(part.X, part.groups), part.positive, part.weights)
    return RepairDecider(model, repair)


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
        degrees="At half strength every number goes half of the way to its full repair.",
    )
)
