"""Search of the smallest combination of changes: a beam for a first answer, then proof by order."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.explanation.counterfactual.actionability import CounterfactualSpec
from core.explanation.counterfactual.counterfactual_space import Options, Support
from core.explanation.likely_decision import likely_decisions
from core.training.trained import Trained

Combination = tuple[tuple[int, int], ...]
"""Pairs of a feature's place and the place of its new value among its options, by feature."""
BEAM = 12
"""Combinations that are extended on each level of the beam."""
BATCH = 1000
KEPT = 12
"""Sets of features of which the smallest combination is refined, for a choice of different ones."""
ROUNDING = 1e-9


class Search:
    """Search for one person.

    Attributes
    ----------
    tried : int
        Rows scored.
    implausible : int
        Of these, rows that would flip the decision and lie outside the support.
    proven : bool
        Whether every combination smaller than the best was tried.
    """

    def __init__(
        self,
        trained: Trained,
        row: pd.DataFrame,
        group: str | None,
        options: list[Options],
        spec: CounterfactualSpec,
        support: Support,
        target: bool,
    ):
        self._trained, self._row, self._group = trained, row, group
        self._options, self._spec, self._support = options, spec, support
        self._target = target
        self.tried = self.implausible = 0
        self.proven = False
        self._known: dict[Combination, tuple[float, bool]] = {}
        self._pool: dict[tuple[int, ...], tuple[float, Combination]] = {}

    def run(self) -> list[tuple[float, Combination]]:
        """Return combinations that flip the decision and are plausible, the smallest first.

        Each has another set of features, and none can change less in any one of them.
        """
        self._beam()
        cheaper = self._by_cost(min((cost for cost, _ in self._pool.values()), default=np.inf))
        if cheaper is not None:
            self._keep(*cheaper)
        return self._refined([one for _, one in sorted(self._pool.values())[:KEPT]])

    def cost(self, one: Combination) -> float:
        """Distance, and what each changed feature counts beside it."""
        away = sum(float(self._options[feature].distances[option]) for feature, option in one)
        return away + self._spec.per_feature * len(one)

    def rows(self, some: list[Combination]) -> pd.DataFrame:
        """Make the person's row with each combination of changes, shape (n, p)."""
        chosen = np.full((len(some), len(self._options)), -1, dtype=np.int64)
        for position, one in enumerate(some):
            for feature, option in one:
                chosen[position, feature] = option
        columns = {name: np.repeat(self._row[name].to_numpy(), len(some)) for name in self._row}
        for feature, choices in enumerate(self._options):
            changed = chosen[:, feature] >= 0
            if changed.any():
                values = np.array(choices.values, dtype=columns[choices.feature].dtype)
                columns[choices.feature][changed] = values[chosen[changed, feature]]
        return pd.DataFrame(columns).astype(self._row.dtypes.to_dict())

    def judged(self, X: pd.DataFrame) -> tuple[Floats, Flags, Floats, Flags]:
        """Score, decide, and say of those that flip how usual they are and whether enough so."""
        groups = np.full(len(X), self._group, dtype=object)
        scores, decided = likely_decisions(self._trained, X, groups)
        usual, fine = np.zeros(len(X)), np.zeros(len(X), dtype=bool)
        flips = decided == self._target
        if flips.any():
            usual[flips], fine[flips] = self._support.judge(X[flips])
        return scores, decided, usual, fine

    def _tried(self, some: list[Combination]) -> tuple[Floats, Flags]:
        """Score combinations, each once; return scores and whether each flips and is plausible."""
        new = [one for one in some if one not in self._known]
        for start in range(0, len(new), 4 * BATCH):
            batch = new[start : start + 4 * BATCH]
            scores, decided, _, fine = self.judged(self.rows(batch))
            self.implausible += int(((decided == self._target) & ~fine).sum())
            self._known.update(zip(batch, zip(scores, fine, strict=True), strict=True))
        self.tried += len(new)
        known = [self._known[one] for one in some]
        return np.array([one[0] for one in known]), np.array([one[1] for one in known], dtype=bool)

    def _keep(self, cost: float, one: Combination) -> None:
        pool_key = _features(one)
        if pool_key not in self._pool or (cost, one) < self._pool[pool_key]:
            self._pool[pool_key] = (cost, one)

    def _beam(self) -> None:
        """Extend the most promising combinations by one change at a time, until some flip."""
        singles = [
            (f, o) for f, option in enumerate(self._options) for o in range(len(option.values))
        ]
        level: list[Combination] = [()]
        for _ in range(self._spec.most_changes):
            done = bool(self._pool)
            following = sorted(
                {
                    tuple(sorted((*one, single)))
                    for one in level
                    for single in singles
                    if all(single[0] != feature for feature, _ in one)
                }
            )
            if not following:
                return
            scores, good = self._tried(following)
            costs = np.array([self.cost(one) for one in following])
            for position in np.flatnonzero(good):
                self._keep(float(costs[position]), following[position])
            if done:
                return
            towards = scores if self._target else -scores
            level = [following[position] for position in self._promising(towards, costs, good)]

    def _promising(self, towards: Floats, costs: Floats, good: Flags) -> Ints:
        """Half with the highest score, half with the most gain for its cost; none that flips."""
        left = np.flatnonzero(~good)
        gain = towards[left] - towards[left].min() if len(left) else towards[left]
        rate = gain / np.maximum(costs[left], ROUNDING)
        half = BEAM // 2
        order = [np.argsort(-gain, kind="stable")[:half], np.argsort(-rate, kind="stable")[:BEAM]]
        positions = list(dict.fromkeys(np.concatenate(order).tolist()))[:BEAM]
        chosen: Ints = left[np.array(positions, dtype=np.int64)]
        return chosen

    def _by_cost(self, limit: float) -> tuple[float, Combination] | None:
        """Try all combinations in the order of their cost until one flips or ``limit`` is reached.

        The first that flips is the smallest there is. Gives up after ``most_tried`` of them.
        """
        batch: list[tuple[float, Combination]] = []
        tried, ended = 0, True
        for cost, one in self._ordered():
            if cost >= limit - ROUNDING:
                break
            if tried + len(batch) >= self._spec.most_tried:
                ended = False
                break
            batch.append((cost, one))
            if len(batch) == BATCH:
                tried += len(batch)
                found = self._cheapest(batch)
                if found is not None:
                    return found
                batch = []
        found = self._cheapest(batch)
        self.proven = self.proven or ended
        return found

    def _cheapest(self, batch: list[tuple[float, Combination]]) -> tuple[float, Combination] | None:
        if not batch:
            return None
        _, good = self._tried([one for _, one in batch])
        if not good.any():
            return None
        self.proven = True
        return batch[int(np.argmax(good))]

    def _ordered(self) -> Iterator[tuple[float, Combination]]:
        """All combinations in ascending cost: subsets of the single changes, by a heap.

        Each subset is reached once: from the one whose last member is the change before, or that
        lacks the last member (Lawler 1972, Management Science 18, the k best solutions).
        """
        singles = sorted(
            (self.cost(((f, o),)), f, o)
            for f, option in enumerate(self._options)
            for o in range(len(option.values))
        )
        heap: list[tuple[float, tuple[int, ...]]] = [(singles[0][0], (0,))] if singles else []
        while heap:
            cost, positions = heapq.heappop(heap)
            last = positions[-1]
            before = {singles[position][1] for position in positions[:-1]}
            valid = singles[last][1] not in before
            if valid:
                yield cost, tuple(sorted((singles[p][1], singles[p][2]) for p in positions))
            if last + 1 < len(singles):
                dearer = cost - singles[last][0] + singles[last + 1][0]
                heapq.heappush(heap, (dearer, (*positions[:-1], last + 1)))
                if valid and len(positions) < self._spec.most_changes:
                    heapq.heappush(heap, (cost + singles[last + 1][0], (*positions, last + 1)))

    def _refined(self, some: list[Combination]) -> list[tuple[float, Combination]]:
        """Undo or lessen one change at a time as long as the rest still flips the decision.

        All are refined together, since few large batches are scored faster than many small ones.
        """
        done: dict[tuple[int, ...], tuple[float, Combination]] = {}
        while some:
            smaller = [_smaller(one) for one in some]
            every = [one for ones in smaller for one in ones]
            good = self._tried(every)[1] if every else np.zeros(0, dtype=bool)
            following, start = set(), 0
            for one, ones in zip(some, smaller, strict=True):
                fitting = [ones[i] for i in np.flatnonzero(good[start : start + len(ones)])]
                start += len(ones)
                if fitting:
                    following.add(min(fitting, key=lambda less: (self.cost(less), less)))
                else:
                    parts = (self.cost(one), one)
                    done[_features(one)] = min(done.get(_features(one), parts), parts)
            some = sorted(following)
        return sorted(done.values())


def _smaller(one: Combination) -> list[Combination]:
    """Every combination with one change less, or with one change to a nearer value."""
    out: list[Combination] = []
    for position, (feature, option) in enumerate(one):
        rest = (*one[:position], *one[position + 1 :])
        out += [tuple(sorted((*rest, (feature, o)))) for o in range(option)]
        if rest:
            out.append(rest)
    return out


def _features(one: Combination) -> tuple[int, ...]:
    return tuple(feature for feature, _ in one)
