"""A small tree that imitates the model, with how well it does and its rules as text.

A tree of at most four questions in turn is grown on the model's own scores of training rows
(Craven and Shavlik 1995; Molnar, Interpretable Machine Learning, "Global surrogate"). It explains
the model only as far as it agrees with it, which is measured on test rows: R², the share of the
variance of scores that it explains, and the share of decisions that are the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeRegressor

from core.arrays import Flags, Floats, Ints
from core.data.dataset import Dataset
from core.data.days import written_date
from core.fairness.intervals.intervals import wilson
from core.training.rows_apart import rows_apart
from core.training.trained import Trained

ROWS = 5000
DEPTH = 3
DEEPEST = 4
DRAWS = 300
FEWEST = 20
GOOD = 0.9
"""Agreement below this is called poor."""


@dataclass(frozen=True)
class Rule:
    """One leaf: what leads to it, the mean score there, and the share of test rows in it."""

    conditions: tuple[str, ...]
    score: float
    share: float


@dataclass(frozen=True)
class Agreement:
    """Share of test rows on which two decide alike, with Wilson's 95 % interval."""

    estimate: float
    interval: tuple[float, float]
    rows: int


@dataclass(frozen=True)
class SurrogateTree:
    """The tree and how faithful it is.

    Attributes
    ----------
    depth : int
    rules : tuple of Rule
        From the lowest score to the highest.
    r2 : float or None
        On test rows, at most 1; None where all scores are the same.
    r2_interval : tuple of (float, float) or None
        95 %, from a bootstrap of test rows.
    agreement : Agreement
        With the model's decisions.
    by_group : dict of str to dict of str to Agreement
        By sensitive column and group of at least :data:`FEWEST` test rows.
    """

    depth: int
    rules: tuple[Rule, ...]
    r2: float | None
    r2_interval: tuple[float, float] | None
    agreement: Agreement
    by_group: dict[str, dict[str, Agreement]]


def surrogate_tree(dataset: Dataset, trained: Trained, depth: int = DEPTH) -> SurrogateTree:
    """Imitate a trained decider by a small tree.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    depth : int
        Questions in turn, from 1 to 4.

    Raises
    ------
    ValueError
        If the depth is outside that.
    """
    if not 1 <= depth <= DEEPEST:
        raise ValueError(f"depth must be from 1 to {DEEPEST}")
    rows, judging = rows_apart(trained, trained.split.train)
    if len(rows) > ROWS:
        rows = np.random.default_rng(trained.spec.seed).choice(rows, ROWS, replace=False)
    known = dataset.features.iloc[rows].reset_index(drop=True)
    test = dataset.features.iloc[judging].reset_index(drop=True)
    questions = _Questions(known, dataset.dates)
    tree = DecisionTreeRegressor(
        max_depth=depth, min_samples_leaf=max(5, len(known) // 200), random_state=0
    )
    tree.fit(questions.answers(known), trained.decider.predict_score(known))
    asked = questions.answers(test)
    imitated, scores = tree.predict(asked), trained.decider.predict_score(test)
    same = (imitated >= 0.5) == trained.decisions[np.isin(trained.split.test, judging)]
    by_group = {}
    for column in dataset.roles.sensitive:
        groups = dataset.sensitive[column].to_numpy(dtype=object)[judging]
        parts = {str(g): same[groups == g] for g in sorted(set(groups), key=str)}
        by_group[column] = {g: _agreement(s) for g, s in parts.items() if len(s) >= FEWEST}
    r2, interval = _explained(scores, imitated, trained.spec.seed)
    rules = _rules(tree, questions, tree.apply(asked))
    return SurrogateTree(int(tree.get_depth()), rules, r2, interval, _agreement(same), by_group)


def _agreement(same: Flags) -> Agreement:
    share = float(same.mean())
    low, high = wilson(np.array(share), np.array(float(len(same))), 0.95)
    return Agreement(share, (float(low), float(high)), len(same))


def _explained(
    scores: Floats, imitated: Floats, seed: int
) -> tuple[float | None, tuple[float, float] | None]:
    missed = np.square(scores - imitated)
    spread = float(np.square(scores - scores.mean()).sum())
    if spread <= 1e-18 * len(scores):
        return None, None
    n = len(scores)
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS)
    middle = (weights @ scores)[:, None] / n
    around = (weights * np.square(scores - middle)).sum(axis=1)
    drawn = 1 - (weights @ missed)[around > 0] / around[around > 0]
    interval = None
    if len(drawn):
        low, high = np.quantile(drawn, [0.025, 0.975])
        interval = (float(low), float(high))
    return 1 - float(missed.sum()) / spread, interval


class _Questions:
    """Numbers, whether they are missing, and whether a category is the one."""

    def __init__(self, known: pd.DataFrame, dates: Collection[str] = ()):
        whole = {name for name in dates if (known[name].dropna() % 1 == 0).all()}
        self._dates, self._days = frozenset(dates), frozenset(whole)
        self.columns: list[tuple[str, str | None]] = []
        self._middle: dict[str, float] = {}
        for name in map(str, known):
            if known[name].dtype.kind == "f":
                middle = float(known[name].median())
                self._middle[name] = 0.0 if np.isnan(middle) else middle
                self.columns.append((name, None))
                if known[name].isna().any():
                    self.columns.append((name, ""))
            else:
                common = known[name].value_counts().index[:60]
                self.columns += [(name, str(value)) for value in common]

    def answers(self, rows: pd.DataFrame) -> Floats:
        """Matrix of answers; a missing number stands at the median of training rows."""
        out = np.empty((len(rows), len(self.columns)))
        for j, (name, value) in enumerate(self.columns):
            held = rows[name]
            if name in self._middle:
                out[:, j] = held.isna() if value == "" else held.fillna(self._middle[name])
            else:
                out[:, j] = held.astype(str) == value
        return out

    def holds_missing(self, column: int, cut: float, left: bool) -> bool:
        """Whether rows without a value of what is asked about take a branch."""
        name, value = self.columns[column]
        if name not in self._middle:
            return True
        return not left if value == "" else (self._middle[name] <= cut) == left

    def condition(self, column: int, cut: float, left: bool, known: frozenset[str]) -> str:
        """Write one branch as text; ``known`` are missing for nobody who comes to it."""
        name, value = self.columns[column]
        if name in self._middle and value is None:
            missing = (name, "") in self.columns and name not in known
            note = " (or missing)" if missing and self.holds_missing(column, cut, left) else ""
            return f"{name} {'≤' if left else '>'} {self._written(name, cut)}{note}"
        if name in self._middle:
            return f"{name} is {'known' if left else 'missing'}"
        return f"{name} {'is not' if left else 'is'} “{value}”"

    def _written(self, name: str, cut: float) -> str:
        if name not in self._dates:
            return f"{cut:.6g}"
        # A cut between two days parts them after the earlier one.
        return written_date(np.floor(cut) if name in self._days else cut)


def _rules(tree: DecisionTreeRegressor, questions: _Questions, leaves: Ints) -> tuple[Rule, ...]:
    grown = tree.tree_
    found: list[Rule] = []

    def walk(node: int, path: tuple[str, ...], known: frozenset[str]) -> None:
        if grown.children_left[node] < 0:
            share = float((leaves == node).mean())
            found.append(Rule(path, float(grown.value[node].ravel()[0]), share))
            return
        column, cut = int(grown.feature[node]), float(grown.threshold[node])
        for left, child in ((True, grown.children_left), (False, grown.children_right)):
            text = questions.condition(column, cut, left, known)
            kept_out = not questions.holds_missing(column, cut, left)
            named = known | {questions.columns[column][0]} if kept_out else known
            walk(int(child[node]), (*path, text), named)

    walk(0, (), frozenset())
    return tuple(sorted(found, key=lambda rule: rule.score))
