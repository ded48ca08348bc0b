"""Counterfactual explanations: the smallest plausible changes that flip a decision.

Wachter, Mittelstadt and Russell 2017, Counterfactual explanations without opening the black box,
Harvard Journal of Law and Technology 31; several that differ, after Mothilal, Sharma and Tan 2020,
Explaining machine learning classifiers through diverse counterfactual explanations, FAccT.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.counterfactual.actionability import CounterfactualSpec, check_spec
from core.explanation.counterfactual.counterfactual_result import (
    Counterfactual,
    Counterfactuals,
    Value,
)
from core.explanation.counterfactual.counterfactual_search import Combination, Search
from core.explanation.counterfactual.counterfactual_space import Options, Space, Support
from core.explanation.likely_decision import (
    group_column,
    likely_decisions,
    needs_group,
)
from core.training.randomised import is_randomised
from core.training.trained import Trained

__all__ = ["Counterfactual", "CounterfactualFinder", "Counterfactuals", "find_counterfactuals"]

JUDGED_ROWS = 4000
"""Training rows that are decided to learn who gets which decision."""
SUPPORT_ROWS = 2000
"""Of these, rows of one decision that a counterfactual is compared with at most."""
DEAR = 0.1
"""What it takes from a further counterfactual's difference to be once more as dear as the best."""


def find_counterfactuals(
    trained: Trained,
    dataset: Dataset,
    row: pd.DataFrame,
    spec: CounterfactualSpec,
    seed: int = 0,
    *,
    group: str | None = None,
) -> Counterfactuals:
    """Find the smallest changes of one person's features that flip the decision about them.

    Parameters
    ----------
    trained : Trained
    dataset : Dataset
        It was trained on.
    row : DataFrame, shape (1, p)
        Raw features of one person.
    spec : CounterfactualSpec
    seed : int
        Of the training rows that stand for real people where there are too many.
    group : str, optional
        The person's group in the column that the mitigation looks at; needed if it looks at one.

    Raises
    ------
    InputError
        If the spec or the row does not fit the data, or a group is needed and not given.
    """
    return CounterfactualFinder(trained, dataset, spec, seed).find(row, group)


class CounterfactualFinder:
    """What is the same for everyone, prepared once; then :meth:`find` for each person."""

    def __init__(self, trained: Trained, dataset: Dataset, spec: CounterfactualSpec, seed: int = 0):
        check_spec(spec, dataset)
        self.trained, self.spec = trained, spec
        self.randomised = is_randomised(dataset, trained)
        self.favourable = dataset.roles.positive_is_favourable
        self._features = dataset.features.columns
        self.space = Space(dataset.features.iloc[trained.split.train], spec)
        rng = np.random.default_rng(seed)
        rows = rng.permutation(trained.split.train)[:JUDGED_ROWS]
        people = dataset.features.iloc[rows].reset_index(drop=True)
        column = group_column(trained, dataset.roles.sensitive)
        groups = dataset.sensitive[column].to_numpy(dtype=object)[rows]
        with threadpool_limits(limits=1):
            _, decided = likely_decisions(trained, people, groups)
        self._people = {flag: people[decided == flag][:SUPPORT_ROWS] for flag in (True, False)}
        self._rows = {flag: rows[decided == flag][:SUPPORT_ROWS] for flag in (True, False)}
        self._support: dict[bool, Support] = {}

    def find(self, row: pd.DataFrame, group: str | None = None) -> Counterfactuals:
        """Search for one person; see :func:`find_counterfactuals`."""
        row = self._checked(row, group)
        with threadpool_limits(limits=1):
            scores, decided = likely_decisions(self.trained, row, np.array([group], dtype=object))
        decision = bool(decided[0])
        options, missing = self.space.options(row)
        target = not decision
        support = self.support(target)
        search = Search(self.trained, row, group, options, self.spec, support, target)
        # Threads that wait for each other take a hundred times what these small batches take.
        with threadpool_limits(limits=1):
            chosen = self._diverse(search.run())
            found = tuple(self._described(search, row, options, chosen)) if chosen else ()
        return Counterfactuals(
            found,
            None if found else _reason(self.spec, options, search, len(self._people[target])),
            float(scores[0]),
            decision,
            decision == self.favourable,
            search.tried,
            search.proven,
            missing,
            self.randomised,
        )

    def support(self, decision: bool) -> Support:
        """Real people of a decision, with whom an invented one is compared."""
        if decision not in self._support:
            self._support[decision] = Support(self.space, self._people[decision])
        return self._support[decision]

    def usual(self, person: pd.DataFrame, row: int, decision: bool) -> tuple[float, bool]:
        """Say how usual somebody is among other people so decided, and whether it is enough.

        Parameters
        ----------
        person : DataFrame, shape (1, p)
            With edits or without.
        row : int
            Position in the dataset of whom it is about, who is none of the others.
        decision : bool
        """
        share, enough = self.support(decision).judge(person, self._rows[decision] == row)
        return float(share[0]), bool(enough[0])

    def _checked(self, row: pd.DataFrame, group: str | None) -> pd.DataFrame:
        if len(row) != 1:
            raise InputError(f"it holds {len(row)} rows where 1 is needed", where="row")
        lacking = [str(name) for name in self._features if name not in row.columns]
        if lacking:
            raise InputError("the row has no value of it", where=f"feature {lacking[0]!r}")
        if group is None and needs_group(self.trained):
            raise InputError(
                "the mitigation decides by the person's group, which was not given", where="group"
            )
        return row[list(self._features)].reset_index(drop=True)

    def _diverse(self, pool: list[tuple[float, Combination]]) -> list[Combination]:
        """Choose the smallest, then greedily what differs most in which features change.

        The difference of two is the Jaccard distance of their sets of features; what counts is
        that to the nearest one chosen before, less what a dearer one costs.
        """
        if not pool:
            return []
        chosen, rest = [pool[0][1]], pool[1:]
        cheapest = max(pool[0][0], 1e-12)

        def worth(one: tuple[float, Combination]) -> float:
            features = {feature for feature, _ in one[1]}
            apart = []
            for other in chosen:
                others = {feature for feature, _ in other}
                apart.append(1 - len(features & others) / len(features | others))
            return min(apart) - DEAR * (one[0] / cheapest - 1)

        while rest and len(chosen) < self.spec.how_many:
            following = max(rest, key=worth)
            rest.remove(following)
            chosen.append(following[1])
        return chosen

    def _described(
        self, search: Search, row: pd.DataFrame, options: list[Options], chosen: list[Combination]
    ) -> Iterator[Counterfactual]:
        scores, decided, usual, _ = search.judged(search.rows(chosen))
        for position, one in enumerate(chosen):
            changes: list[tuple[float, tuple[str, Value, Value]]] = []
            for feature, option in one:
                choices = options[feature]
                own = row[choices.feature].iloc[0]
                before = own if isinstance(own, str) else float(own)
                change = (choices.feature, before, choices.values[option])
                changes.append((float(choices.distances[option]), change))
            changes.sort(key=lambda item: -item[0])
            yield Counterfactual(
                tuple(change for _, change in changes),
                sum(distance for distance, _ in changes),
                float(scores[position]),
                bool(decided[position]),
                float(usual[position]),
            )


def _reason(spec: CounterfactualSpec, options: list[Options], search: Search, people: int) -> str:
    """Say why nothing was found, and where it was looked."""
    if not options:
        return (
            "Nothing may change: every feature is frozen, missing for this person, or already at "
            "the end of what is allowed."
        )
    where = (
        f"{search.tried:,} combinations of changes were tried, at most {spec.most_changes} at once "
        f"of the {len(options)} that may change, within the values seen in the rows "
        "compared with and the ranges that were set"
    )
    sure = "" if search.proven else ", not all there are, so one may have been missed"
    if search.implausible:
        return (
            f"{search.implausible:,} of them would flip the decision, but each makes a person "
            f"further from the {people:,} real people so decided than {spec.plausible:.0%} of "
            f"those are from each other; {where}{sure}."
        )
    return f"No change that is allowed flips the decision; {where}{sure}."
