"""Numbers of each group moved before training, so that all groups have the same distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.learning.models import EncodedModel
from core.mitigation.registry import MITIGATIONS, Decider, Mitigation, MitigationContext

COPIES = 8
"""A decision rests on the mean score over so many places within what a value is tied with."""


@dataclass(frozen=True, eq=False)
class FeatureDistribution:
    """How one feature is distributed in one group.

    Attributes
    ----------
    values : ndarray of float64, shape (m,)
        Those that occur, ascending.
    ends : ndarray of float64, shape (m + 1,)
        Value i takes up the ranks from ``ends[i]`` to ``ends[i + 1]``, from 0 to 1.
    missing : float
        Share of rows without a value.
    """

    values: Floats
    ends: Floats
    missing: float = 0.0

    def ranks(self, values: Floats, within: Floats) -> Floats:
        """Find the rank of each value: as far within its own range as ``within`` says.

        A value that did not occur lies between the middles of its neighbours' ranges.
        """
        position = np.minimum(np.searchsorted(self.values, values), len(self.values) - 1)
        low, high = self.ends[position], self.ends[position + 1]
        middles = (self.ends[1:] + self.ends[:-1]) / 2
        between = np.interp(values, self.values, middles)
        known = self.values[position] == values
        return np.asarray(np.where(known, low + within * (high - low), between))

    def quantiles(self, ranks: Floats) -> Floats:
        """Find the value that takes up each rank."""
        position = np.searchsorted(self.ends[1:-1], ranks, side="right")
        return self.values[position]


def distribution(values: Floats, weights: Floats) -> FeatureDistribution | None:
    """Describe a group's values, NaN where missing; None where none has weight.

    Parameters
    ----------
    values, weights : ndarray of float, shape (n,)
    """
    known = ~np.isnan(values) & (weights > 0)
    if not known.any():
        return None
    distinct, position = np.unique(values[known], return_inverse=True)
    weight = np.bincount(position, weights=weights[known])
    total = weight.sum()
    ends = np.r_[0.0, np.cumsum(weight) / total]
    ends[-1] = 1.0
    return FeatureDistribution(distinct, ends, float(1 - total / weights.sum()))


@dataclass(frozen=True)
class DistributionRepair:
    """Repair of numeric features: each group's quantiles are moved towards the median quantiles.

    Feldman et al. 2015, "Certifying and removing disparate impact", section 5.2: in full, a value
    at the rank u of its group's distribution becomes the median over groups of their values at u.
    Their geometric repair of level λ goes the part λ of the way, (1 - λ) x + λ x_full. Categories
    stay as they are.

    Tied values share a range of ranks. If all of them went to its middle, the repaired value would
    name the group, as no other group's ties have the same middle. They are spread evenly over the
    range instead, so that repaired values have one distribution in all groups (random transport of
    ties: Gordaliza et al. 2019, "Obtaining fairness using optimal transport theory", ICML).

    Being missing tells of the group as well, where groups lack values unequally often. In full,
    each group keeps as large a share without a value as the group with the fewest has; the others
    take any rank, as if the value were drawn from the common distribution.

    Attributes
    ----------
    by_feature : dict of str to (dict of str to Distribution)
        Of each numeric feature, by group.
    shares : dict of str to float
        Of each group in the training rows.
    level : float
        In (0, 1]; towards 0 every value stays what it is.
    """

    by_feature: dict[str, dict[str, FeatureDistribution]]
    shares: dict[str, float]
    level: float = 1.0

    @classmethod
    def learn(
        cls,
        X: pd.DataFrame,
        groups: Objects,
        weights: Floats | None = None,
        level: float = 1.0,
    ) -> DistributionRepair:
        """Learn the distributions from training rows."""
        weight = np.ones(len(X)) if weights is None else weights
        by_feature: dict[str, dict[str, FeatureDistribution]] = {}
        names = [str(g) for g in np.unique(groups) if weight[groups == g].any()]
        for name in X:
            if X[name].dtype.kind != "f":
                continue
            values = X[name].to_numpy(dtype=np.float64)
            found = {g: distribution(values[groups == g], weight[groups == g]) for g in names}
            by_feature[str(name)] = {g: item for g, item in found.items() if item is not None}
        total = weight.sum()
        shares = {str(g): float(weight[groups == g].sum() / total) for g in np.unique(groups)}
        return cls(by_feature, shares, level)

    def apply(
        self, X: pd.DataFrame, groups: Objects, weights: Floats | None = None
    ) -> pd.DataFrame:
        """Repair rows, ties spread evenly; rows of a group that was not learnt stay as they are.

        Which of the tied rows gets which rank is drawn, the same for the same rows; to decide about
        people, use :meth:`copies`, which leaves nothing to chance.
        """
        weight = np.ones(len(X)) if weights is None else weights
        within = {}
        for number, name in enumerate(self.by_feature):
            rng = np.random.default_rng([number, len(X)])
            within[name] = _spread(X[name].to_numpy(dtype=np.float64), groups, weight, rng)
        return self._moved(X, groups, within)

    def copies(self, X: pd.DataFrame, groups: Objects) -> list[pd.DataFrame]:
        """Repair rows :data:`COPIES` times, at as many places within what their values tie with."""
        out = []
        positions = {
            name: (np.random.default_rng(number).permutation(COPIES) + 0.5) / COPIES
            for number, name in enumerate(self.by_feature)
        }
        for copy in range(COPIES):
            within = {name: np.full(len(X), position[copy]) for name, position in positions.items()}
            out.append(self._moved(X, groups, within))
        return out

    def _moved(self, X: pd.DataFrame, groups: Objects, within: dict[str, Floats]) -> pd.DataFrame:
        out = X.copy()
        for name, by_group in self.by_feature.items():
            values = X[name].to_numpy(dtype=np.float64)
            moved = values.copy()
            fewest = min((item.missing for item in by_group.values()), default=1.0)
            for group in self.shares:
                rows = groups == group
                lacking = np.isnan(values) & rows
                known = by_group.get(group)
                if known is not None:
                    there = rows & ~lacking
                    full = self._full(name, known.ranks(values[there], within[name][there]))
                    moved[there] = (1 - self.level) * values[there] + self.level * full
                if by_group and lacking.any():
                    # In training rows without a missing value there is nothing to level out.
                    share = max(1.0 if known is None else known.missing, 1e-12)
                    kept = min(1.0, fewest / share) if fewest or share > 1e-12 else 1.0
                    moved[lacking] = self._filled(name, within[name][lacking], kept)
            out[name] = moved
        return out

    def _full(self, name: str, ranks: Floats) -> Floats:
        at_rank = [item.quantiles(ranks) for item in self.by_feature[name].values()]
        return np.asarray(np.median(at_rank, axis=0))

    def _filled(self, name: str, within: Floats, kept: float) -> Floats:
        """Fill missing values but for a share, as far as the level goes."""
        kept = 1 - self.level * (1 - kept)
        out = np.full(len(within), np.nan)
        filled = within >= kept
        if filled.any():
            out[filled] = self._full(name, (within[filled] - kept) / (1 - kept))
        return out


def _spread(values: Floats, groups: Objects, weights: Floats, rng: np.random.Generator) -> Floats:
    """Place every row within the rows of its group that have the same value, evenly, (n,)."""
    n = len(values)
    codes = np.unique(groups.astype(str), return_inverse=True)[1]
    tie = np.unique(
        np.stack([codes, np.unique(values, return_inverse=True)[1]]), axis=1, return_inverse=True
    )[1].ravel()
    drawn = rng.permutation(n)
    order = np.lexsort((drawn, tie))
    weight, sorted_tie = weights[order], tie[order]
    total = np.bincount(sorted_tie, weight)
    before = np.cumsum(weight) - weight
    begins = np.r_[True, sorted_tie[1:] != sorted_tie[:-1]]
    start = before[begins][np.cumsum(begins) - 1]
    out, whole = np.full(n, 0.5), total[sorted_tie]
    position = np.divide(before - start + weight / 2, whole, out=np.full(n, 0.5), where=whole > 0)
    out[order] = position
    return np.asarray(np.clip(out, 0.0, np.nextafter(1.0, 0.0)))


class RepairDecider:
    """A model on repaired features, which depend on the group.

    A score is the mean over the places that a person's tied values may take, so that nothing is
    decided at random. Where the group is not known, it is the mean of the scores in each group,
    weighted by the groups' shares of the training rows; so it is for a group that they did not
    hold.
    """

    alters_features = True
    """The model is handed repaired features, so reading it doesn't explain a score."""

    def __init__(self, model: EncodedModel, repair: DistributionRepair):
        self.model = model
        self.repair = repair

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score with the group unknown, shape (n,)."""
        total = np.zeros(len(X))
        for group, share in self.repair.shares.items():
            total += share * self._mean(X, np.full(len(X), group, dtype=object))
        return np.clip(total, 0.0, 1.0)

    def predict_score_in_group(self, X: pd.DataFrame, groups: Objects) -> Floats:
        """Score on which the decision rests, shape (n,)."""
        out = self._mean(X, groups)
        strangers = ~np.isin(groups.astype(str), list(self.repair.shares))
        if strangers.any():
            out[strangers] = self.predict_score(X[strangers])
        return out

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the score reaches 0.5, shape (n,)."""
        return self.predict_score_in_group(X, groups) >= 0.5

    def _mean(self, X: pd.DataFrame, groups: Objects) -> Floats:
        scores = [self.model.predict_score(copy) for copy in self.repair.copies(X, groups)]
        return np.asarray(np.mean(scores, axis=0))


def _disparate_impact_repair(task: MitigationContext) -> Decider:
    part = task.train
    repair = DistributionRepair.learn(part.X, part.groups, part.weights, task.strength)
    model = task.build()
    model.fit(repair.apply(part.X, part.groups, part.weights), part.positive, part.weights)
    return RepairDecider(model, repair)


MITIGATIONS.add(
    Mitigation(
        "disparate_impact_repair",
        "Disparate impact repair",
        "Moves the numbers of each group so that all groups have the same distribution, keeping "
        "the order of people within a group; tied numbers are spread over what they tie for, and "
        "missing ones filled as far as groups lack them unequally often.",
        "before",
        _disparate_impact_repair,
        needs_group_to_decide=True,
        source="Feldman et al. 2015; ties as Gordaliza et al. 2019",
        assumes="People of equal rank within their groups are equally deserving, and categories "
        "tell little of the group: only numbers are repaired.",
        aim="demographic_parity_difference",
        degrees="At half strength every number goes half of the way to its full repair.",
    )
)
