"""What is measured of SHAP, and what the measurements share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.attribution.shapley import shapley_values
from core.explanation.trust.agreement import agreement
from core.explanation.trust.averages import averaged, mean_over
from core.explanation.trust.by_group import group_gaps, topped_up
from core.explanation.trust.complexity import complexity
from core.explanation.trust.fidelity import fidelity
from core.explanation.trust.off_distribution import Score, compare_off_distribution
from core.explanation.trust.record import Trust, TrustSpec
from core.explanation.trust.stability import Neighbourhood, Stability, lipschitz_ratios
from core.learning.learners import LEARNERS
from core.training.rows_told import comparison_rows
from core.training.trained import Trained
from core.training.training import train

PEOPLE = {"linear": 300, "additive": 100, "trees": 150, "any": 15}
"""Test rows for overall figures: fewer where each costs more."""
BACKGROUND = 100
"""Training rows that SHAP compares with."""
FEW_BACKGROUND = 15
"""Of them, those that stand in for deleted features."""
LIME_TRAINING = 3000
OFF_ROWS = 300
MOVED = "person moved slightly"
REDRAWN = "explainer drew other rows"
RETRAINED = "same model, other seed"
SIMULATED = (
    "Trained again at the same ε with noise from a seed: a simulation, for which nothing is "
    "charged and which must not be released."
)
OTHER_ROWS = "Another seed also draws other rows for training."
FIDELITY = "Fidelity of SHAP, for the distance of the score from the average"
LEAST_ROOM = 0.05
"""Distances below this count as this, so that a score at the average isn't divided by nothing."""
STEADY = "SHAP's stability when moved slightly"


class Work:
    """What the parts share: people, background, contributions, and what was found so far."""

    def __init__(self, dataset: Dataset, trained: Trained, spec: TrustSpec):
        self.dataset, self.trained, self.spec = dataset, trained, spec
        self.rng = np.random.default_rng([spec.seed, trained.spec.seed])
        self.score: Score = trained.decider.predict_score
        self.training = self._drawn(LIME_TRAINING)
        self.near = Neighbourhood(self.training)
        self.background = self._drawn(BACKGROUND)
        test = self.rng.permutation(len(trained.split.test))
        groups = dataset.sensitive.iloc[trained.split.test[test]].reset_index(drop=True)
        probe = dataset.features.iloc[trained.split.test[test[:1]]].reset_index(drop=True)
        method = shapley_values(trained.decider, probe, self.background).method
        self.exact = method != "any"
        first = spec.people or PEOPLE.get(method, PEOPLE["any"])
        self.first = min(first, len(test))
        most = 3 * first if self.exact else first
        chosen = topped_up(groups, self.first, spec.group_people, most)
        self.groups = groups.iloc[chosen].reset_index(drop=True)
        self.rows = dataset.features.iloc[trained.split.test[test[chosen]]].reset_index(drop=True)
        self.positive = trained.decisions[test[chosen]]
        self.values = np.zeros((0, self.rows.shape[1]))
        self.measures: dict[str, Floats] = {}
        self.trust: Trust | None = None

    def _drawn(self, size: int) -> pd.DataFrame:
        rows = self.trained.split.train
        if len(rows) > size:
            rows = np.sort(self.rng.choice(rows, size, replace=False))
        return self.dataset.features.iloc[rows].reset_index(drop=True)

    def _shap(self, decider: Any, rows: pd.DataFrame, background: pd.DataFrame) -> Floats:
        return np.asarray(shapley_values(decider, rows, background).values, dtype=np.float64)

    def extended(self, **parts: Any) -> Trust:
        """Return what was found so far, with more parts."""
        assert self.trust is not None
        self.trust = replace(self.trust, **parts)
        return self.trust

    def by_group(self, measure: str, each: Floats) -> Trust:
        """Compare groups in one more measure; people without it have none."""
        self.measures[measure] = each
        return self.extended(gaps=group_gaps(self.groups, self.measures))

    def shap(self, begin: float, end: float) -> Iterator[tuple[float, Trust]]:
        """Explain everyone by SHAP."""
        batch = 50 if self.exact else 3
        parts: list[Floats] = []
        for start in range(0, len(self.rows), batch):
            some = self.rows.iloc[start : start + batch].reset_index(drop=True)
            found = shapley_values(self.trained.decider, some, self.background)
            parts.append(np.asarray(found.values, dtype=np.float64))
            self.values = np.vstack(parts)
            self.trust = Trust(
                found.method,
                found.explains,
                tuple(found.features),
                min(self.first, len(self.values)),
                len(self.values),
                len(self.background),
                complexity=(complexity("SHAP", self.values[: self.first]),),
            )
            done = min(1.0, (start + batch) / len(self.rows))
            yield begin + (end - begin) * done, self.trust

    def curves(
        self, explainer: str, rows: pd.DataFrame, values: Floats, begin: float, end: float
    ) -> Iterator[tuple[float, Trust]]:
        """Draw deletion and insertion curves."""
        before, behind = self.extended().fidelity, self.background.iloc[:FEW_BACKGROUND]
        decided = self.positive[: len(rows)]
        for share, found in fidelity(
            explainer, self.score, rows, values, decided, behind, seed=self.spec.seed
        ):
            yield begin + (end - begin) * share, self.extended(fidelity=(*before, found))

    def faithful(self, begin: float, end: float) -> Iterator[tuple[float, Trust]]:
        """Draw SHAP's curves: of those drawn for overall figures, then of the others by group."""
        middle, first = (begin + end) / 2, self.first
        yield from self.curves("SHAP", self.rows.iloc[:first], self.values[:first], begin, middle)
        each = [self.extended().fidelity[-1].each]
        if len(self.rows) > first:
            behind = self.background.iloc[:FEW_BACKGROUND]
            rest, values = self.rows.iloc[first:], self.values[first:]
            work = fidelity("SHAP", self.score, rest, values, self.positive[first:], behind, seed=1)
            for share, others in work:
                each[1:] = [others.each]
                yield middle + (end - middle) * share, self.extended()
        yield end, self.by_group(FIDELITY, np.concatenate(each) / self._room())

    def _room(self) -> Floats:
        """How far each person's score lies from the average: there is no more to explain.

        Without it a group whose scores are nearer to the average would look worse explained.
        """
        average = float(np.mean(self.score(self.background.iloc[:FEW_BACKGROUND])))
        return np.maximum(np.abs(np.asarray(self.score(self.rows)) - average), LEAST_ROOM)

    def off_distribution(self, end: float) -> Iterator[tuple[float, Trust]]:
        """Compare people with synthetic rows."""
        test = self.trained.split.test
        rows = self.rng.permutation(test)[:OFF_ROWS]
        people = self.dataset.features.iloc[rows].reset_index(drop=True)
        found = compare_off_distribution(self.score, people, self.training, seed=self.spec.seed)
        yield end, self.extended(off=found)

    def perturbed(self, rows: pd.DataFrame, near: Neighbourhood) -> tuple[pd.DataFrame, Floats]:
        """Move people once; those who would be decided otherwise stay where they are."""
        moved = near.draw(rows, self.rng)
        other = (self.score(moved) >= 0.5) != (self.score(rows) >= 0.5)
        moved.loc[other] = rows.loc[other]
        return moved, near.distance(rows, moved)

    def moved(self, begin: float, end: float) -> Iterator[tuple[float, Trust]]:
        """Move each person slightly, several times."""
        times = self.spec.neighbours if self.exact else 1
        ratios, after = [], []
        for time in range(1, times + 1):
            rows, distance = self.perturbed(self.rows, self.near)
            values = self._shap(self.trained.decider, rows, self.background)
            values[distance == 0] = np.nan
            ratios.append(lipschitz_ratios(self.values, values, distance))
            after.append(values)
            yield begin + (end - begin) * time / times, self.extended()
        largest = averaged(np.array(ratios), largest=True)[: self.first]
        mine = agreement(
            "SHAP", self.values[: self.first], "SHAP", *[a[: self.first] for a in after]
        )
        lipschitz = mean_over(largest, "nobody could be moved without another decision")
        self.add_stability(Stability("SHAP", MOVED, mine, lipschitz))
        everyone = agreement("SHAP", self.values, "SHAP", *after).each
        yield end, self.by_group(STEADY, everyone)

    def add_stability(self, added: Stability) -> Trust:
        """Add a stability, in the place of one of the same change."""
        others = [
            s for s in self.extended().stability
            if (s.explainer, s.change) != (added.explainer, added.change)
        ]  # fmt: skip
        return self.extended(stability=(*others, added))

    def redrawn(self, end: float) -> Iterator[tuple[float, Trust]]:
        """Explain again with another background."""
        mine = self.values[: self.first]
        other = self._shap(
            self.trained.decider, self.rows.iloc[: self.first], self._drawn(BACKGROUND)
        )
        caveat = f"Another sample of {comparison_rows(self.trained.spec)} to compare with" + (
            "; given the sample, the method is exact and draws nothing." if self.exact else "."
        )
        yield (
            end,
            self.add_stability(
                Stability("SHAP", REDRAWN, agreement("SHAP", mine, "SHAP", other), None, caveat)
            ),
        )

    def retrained(self, begin: float, end: float) -> Iterator[tuple[float, Trust]]:
        """Train again with other seeds, and explain the same people."""
        if LEARNERS[self.trained.spec.learner].fixed:
            # Asked again with another seed it would be the same model, and steady for that.
            why = "The model was made elsewhere, so that it can't be trained again to compare with."
            yield end, self.extended(notes=(*self.extended().notes, why))
            return
        private = LEARNERS[self.trained.spec.learner].private
        caveat = f"{OTHER_ROWS} {SIMULATED}" if private else OTHER_ROWS
        rows = self.rows.iloc[: self.first].reset_index(drop=True)
        after: list[Floats] = []
        for time in range(1, self.spec.refits + 1):
            spec = replace(self.trained.spec, seed=self.trained.spec.seed + 1000 * time)
            if private:
                spec = replace(spec, noise="seeded")
            try:
                other = train(self.dataset, spec, with_baseline=False)
            except InputError as error:
                notes = (*self.extended().notes, f"Training again did not succeed: {error}")
                yield end, self.extended(notes=notes)
                return
            after.append(self._shap(other.decider, rows, self.background))
            found = agreement("SHAP", self.values[: self.first], "SHAP", *after)
            share = begin + (end - begin) * time / self.spec.refits
            yield share, self.add_stability(Stability("SHAP", RETRAINED, found, None, caveat))

    def finished(self) -> Trust:
        """Return everything, marked complete."""
        return self.extended(complete=True)
