"""Units in which people differ, the values a person may change to, and what is within support."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from core.arrays import Flags, Floats
from core.data.table import MISSING
from core.explanation.counterfactual.actionability import CounterfactualSpec, FeatureRule
from core.explanation.counterfactual.counterfactual_result import Value

MAD_OF_MEAN = 1.253314 / 1.4826
"""Turns a mean absolute deviation into a median one, for normal data."""


def unit_of(values: pd.Series, unit: str) -> float:
    """Return the distance that counts 1 in a column of numbers; 1.0 if its values are all equal.

    The median absolute deviation is 0 where more than half of the values are equal. The mean
    absolute deviation about the median takes its place then, scaled as it would be for normal data
    (Iglewicz and Hoaglin 1993, How to detect and handle outliers).

    Parameters
    ----------
    values : Series of float
    unit : {"mad", "range"}
    """
    known = values.dropna().to_numpy(dtype=np.float64)
    if not len(known) or known.min() == known.max():
        return 1.0
    if unit == "range":
        return float(known.max() - known.min())
    away = np.abs(known - np.median(known))
    middle = float(np.median(away))
    return middle if middle > 0 else float(away.mean()) * MAD_OF_MEAN


Points = tuple[Floats, Floats]
"""Rows as places: numbers in units, shape (n, a), and codes to be equal, shape (n, b)."""


@dataclass(frozen=True, eq=False)
class Options:
    """Values that one feature of one person may change to, the cheapest first.

    Attributes
    ----------
    feature : str
    values : tuple
        Without the person's own.
    distances : ndarray, shape (k,)
        Distance of each from the person's own, times the feature's cost.
    """

    feature: str
    values: tuple[Value, ...]
    distances: Floats


class Space:
    """Training rows as the yardstick: units, values seen, and distances between people."""

    def __init__(self, seen: pd.DataFrame, spec: CounterfactualSpec):
        self.spec = spec
        self.numbers = [str(c) for c in seen if seen[c].dtype.kind == "f"]
        self.categories = [str(c) for c in seen if seen[c].dtype.kind != "f"]
        self.units = {name: unit_of(seen[name], spec.unit) for name in self.numbers}
        self._medians = {
            name: float(seen[name].median()) if seen[name].notna().any() else 0.0
            for name in self.numbers
        }
        self._codes = {
            name: {value: code for code, value in enumerate(seen[name].unique().tolist())}
            for name in self.categories
        }
        self._values = {
            rule.feature: self._grid(seen[rule.feature], rule)
            for rule in spec.rules
            if rule.change != "frozen"
        }

    def _grid(self, column: pd.Series, rule: FeatureRule) -> list[Value]:
        if rule.feature in self._codes:
            return sorted(value for value in column.unique().tolist() if value != MISSING)
        known = column.dropna()
        low = known.min() if rule.low is None else rule.low
        high = known.max() if rule.high is None else rule.high
        known = known[known.between(low, high)]
        values = np.unique(known)
        if len(values) > self.spec.most_values:
            positions = np.linspace(0, 1, self.spec.most_values)
            # Quantiles that are values of people, so that a count stays a whole number.
            values = np.unique(np.quantile(known, positions, method="closest_observation"))
        return list(map(float, values))

    def options(self, row: pd.DataFrame) -> tuple[list[Options], tuple[str, ...]]:
        """List what a person may change to, and the features left alone since they are missing.

        Parameters
        ----------
        row : DataFrame, shape (1, p)
        """
        out, missing = [], []
        for feature, values in self._values.items():
            own, rule = row[feature].iloc[0], self.spec.rule_of(feature)
            if own == MISSING or own != own:
                missing.append(feature)
                continue
            if feature in self._codes:
                allowed = [value for value in values if value != own]
                distances = np.full(len(allowed), rule.cost)
            else:
                allowed = [v for v in values if v != own and _allowed(rule, float(own), v)]
                away = np.abs(np.array(allowed, dtype=np.float64) - float(own))
                distances = rule.cost * away / self.units[feature]
            if allowed:
                order = np.argsort(distances, kind="stable")
                out.append(Options(feature, tuple(allowed[i] for i in order), distances[order]))
        return out, tuple(missing)

    def points(self, X: pd.DataFrame) -> Points:
        """Place rows so that distances can be taken: numbers in units, then codes to be equal.

        A missing number lies at the median, and that it is missing is a code of its own.
        """
        numbers = np.column_stack(
            [
                X[name].fillna(self._medians[name]).to_numpy(dtype=np.float64) / self.units[name]
                for name in self.numbers
            ]
            or [np.zeros(len(X))]
        )
        codes: list[Floats] = [X[n].isna().to_numpy().astype(np.float64) for n in self.numbers]
        for name in self.categories:
            # A category that training rows lack is equal to none of theirs.
            code = self._codes[name]
            codes.append(np.array([code.get(value, -1.0) for value in X[name]], dtype=np.float64))
        return numbers, np.column_stack(codes or [np.zeros(len(X))])

    def between(self, some: Points, others: Points) -> Floats:
        """Distances of rows from other rows, all features counting once, shape (n, m)."""
        (numbers, codes), (other_numbers, other_codes) = some, others
        apart: Floats = cdist(numbers, other_numbers, "cityblock")
        apart += cdist(codes, other_codes, "hamming") * codes.shape[1]
        return apart


def _allowed(rule: FeatureRule, own: float, value: Value) -> bool:
    assert isinstance(value, float)
    return not (rule.change == "up" and value < own) and not (rule.change == "down" and value > own)


class Support:
    """Real people of one decision, and how far from each other they are.

    Parameters
    ----------
    space : Space
    people : DataFrame, shape (m, p)
        Training rows with that decision.
    """

    def __init__(self, space: Space, people: pd.DataFrame):
        self.space, self._people = space, space.points(people)
        self._near = min(space.spec.neighbours, max(len(people) - 1, 1))
        self._own = np.zeros(0)
        self.limit = np.inf
        if len(people) > 1:
            apart = space.between(self._people, self._people)
            np.fill_diagonal(apart, np.inf)
            self._own = np.sort(self._nearest(apart))
            self.limit = float(np.quantile(self._own, space.spec.plausible, method="higher"))

    def _nearest(self, apart: Floats) -> Floats:
        near: Floats = np.partition(apart, self._near - 1, axis=1)[:, : self._near].mean(axis=1)
        return near

    def judge(self, X: pd.DataFrame, apart_from: Flags | None = None) -> tuple[Floats, Flags]:
        """Say how usual rows are among these people, in [0, 1], and whether it is usual enough.

        Without two people to compare, everything counts as fully usual.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
        apart_from : ndarray of bool, shape (m,), optional
            The one of these people whom the rows are about, if any of them is: like the people
            themselves, nobody is judged by themselves.
        """
        if not len(self._own):
            return np.ones(len(X)), np.ones(len(X), dtype=bool)
        apart = self.space.between(self.space.points(X), self._people)
        if apart_from is not None:
            apart[:, apart_from] = np.inf
        far = self._nearest(apart)
        # Sums in another order differ in the last digit.
        slack = 1e-9 * (1 + far)
        usual = 1 - np.searchsorted(self._own, far - slack, side="left") / len(self._own)
        return usual, far <= self.limit + slack
