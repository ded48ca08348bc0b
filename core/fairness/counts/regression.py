"""The cube of regression: sums by group that are sufficient for every mean, and a sketch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from core.arrays import Array, Floats, Ints
from core.errors import InputError
from core.fairness.counts.cube import as_numbers, as_persons, as_weights
from core.fairness.counts.grouping import Group, Grouped, Grouping, sum_groups
from core.fairness.counts.person_cells import PersonCells, effective_persons
from core.fairness.counts.quantile_sketch import QuantileSketch, sketch_values
from core.fairness.intervals.intervals import effective_size

TERMS = (
    "error", "error²", "error³", "error⁴", "|error|", "prediction", "prediction²", "outcome",
    "outcome²", "outcome³", "outcome⁴", "error²·outcome", "error²·outcome²", "|error|³", "error⁶",
)  # fmt: skip
"""What is summed in each group, outcomes and predictions counted from the group's own centre."""

SQUARES = {
    "error": "error²", "|error|": "error²", "error²": "error⁴", "prediction": "prediction²",
    "outcome": "outcome²",
}  # fmt: skip
"""The term that is the square of a term."""


@dataclass(frozen=True, eq=False)
class RegressionCube(Grouped):
    """Sufficient statistics by group, enough for every figure below and for any marginal.

    Attributes
    ----------
    attributes : tuple of str, length s
    groups : tuple of tuples of str, length g
        The combinations of values that occur, sorted.
    count : ndarray of int64, shape (g,)
    weight, weight_squared : ndarray of float64, shape (g,)
        Summed weights and squared weights; equal to ``count`` without weights.
    sums : ndarray of float64, shape (g, len(TERMS))
        Weighted sums of :data:`TERMS`, of outcomes and predictions that are scaled.
    centre : ndarray of float64, shape (g,)
        Taken from outcomes and predictions: the mean outcome of the group, so that fourth powers
        keep their digits where groups lie far apart.
    scale : float
        By what outcomes, predictions and errors were divided: the standard deviation of all
        outcomes or the root of the mean squared error, whichever is larger, so that fourth powers
        don't overflow.
    sketches : tuple of QuantileSketch, length g
        Of the errors in each group, prediction − outcome, in their own unit.
    weighted : bool
    persons : PersonCells or None
        Weight, and then sums of the terms, of each person's rows in each group, shape
        (e, 1 + len(TERMS)); None where rows are persons.
    """

    count: Ints
    weight: Floats
    weight_squared: Floats
    sums: Floats
    centre: Floats
    scale: float
    sketches: tuple[QuantileSketch, ...]
    weighted: bool = False
    persons: PersonCells | None = None

    def merged(
        self, attributes: tuple[str, ...], groups: tuple[Group, ...], position: Ints
    ) -> Self:
        """Merge groups: each goes to the place among ``groups`` that stands at its own."""

        def summed(values: Array) -> Array:
            return sum_groups(values, position, len(groups))

        weight = summed(self.weight)
        centre = _ratio(summed(self.weight * self.centre), weight)
        by = (self.centre - centre[position]) / self.scale
        moved = _moved(self.sums, self.weight, by)
        return replace(
            self,
            attributes=attributes,
            groups=groups,
            count=summed(self.count),
            weight=weight,
            weight_squared=summed(self.weight_squared),
            sums=summed(moved),
            centre=centre,
            sketches=tuple(
                QuantileSketch(np.empty(0, np.int64), np.empty(0)).merge(
                    *(self.sketches[p] for p in np.flatnonzero(position == g))
                )
                for g in range(len(groups))
            ),
            persons=self._persons_moved(by, position, len(groups)),
        )

    def _persons_moved(self, by: Floats, position: Ints, groups: int) -> PersonCells | None:
        if self.persons is None:
            return None
        weight, sums = self.persons.cells[:, 0], self.persons.cells[:, 1:]
        moved = _moved(sums, weight, by[self.persons.group])
        own = replace(self.persons, cells=np.column_stack([weight, moved]))
        return own.merged(position, groups)

    def mean(self, term: str) -> Floats:
        """Mean of a term in each group, shape (g,); NaN where all weights are zero."""
        out = np.full(len(self.groups), np.nan)
        total = self.sums[:, TERMS.index(term)]
        np.divide(total, self.weight, out=out, where=self.weight > 0)
        return out

    def sizes(self, term: str | None = None) -> tuple[Floats, Floats]:
        """Independent rows that would tell as much of a mean, and degrees of freedom, (g,) each.

        Parameters
        ----------
        term : str, optional
            In :data:`SQUARES`: the mean is that of this term. Without one, a person counts as one
            row.
        """
        rows = effective_size(self.weight, self.weight_squared)
        if self.persons is None:
            return rows, rows - 1
        group, weight = self.persons.group, self.persons.cells[:, 0]
        number = effective_persons(group, weight, len(self.groups))
        found = np.minimum(number, rows)
        if term is None:
            return found, number - 1
        mean = self.mean(term)
        each = self.persons.cells[:, 1 + TERMS.index(term)] - mean[group] * weight
        summed = np.bincount(group, np.square(each), minlength=len(self.groups))
        between = _ratio(summed.astype(np.float64), np.square(self.weight))
        between *= number / np.maximum(number - 1, 1e-9)
        spread = self.mean(SQUARES[term]) - np.square(mean)
        np.divide(spread, between, out=found, where=(between > 0) & (spread > 0))
        return np.minimum(found, rows), number - 1


def count_errors(
    grouping: Grouping,
    outcome: Floats,
    prediction: Floats,
    weights: Floats | None = None,
    persons: Ints | None = None,
) -> RegressionCube:
    """Sum up the statistics by group in one pass, by position.

    Parameters
    ----------
    grouping : Grouping
        Of n rows.
    outcome, prediction : ndarray of float64, shape (n,)
        Finite, in the same unit.
    weights : ndarray of float64, shape (n,), optional
        Non-negative.
    persons : ndarray of int64, shape (n,), optional
        Equal for rows of one person; without them every row is a person.

    Raises
    ------
    InputError
        If lengths differ, or a value is not a finite number.
    """
    n, g = len(grouping), len(grouping.groups)
    y, p = as_numbers(outcome, "outcomes"), as_numbers(prediction, "predictions")
    for values, where in ((y, "outcomes"), (p, "predictions")):
        if values.shape != (n,):
            raise InputError(
                f"there are {len(values)} of them, but {n} rows of sensitive values", where=where
            )
    largest = max(float(np.abs(y).max()), float(np.abs(p).max()))
    if largest > 1e60:
        raise InputError(
            f"they reach {largest:g}, too far to be squared and summed",
            where="outcomes and predictions",
            remedy="Use another unit",
        )
    w = np.ones(n) if weights is None else as_weights(weights, n)
    error = p - y
    order = np.argsort(grouping.codes, kind="stable")
    ends = np.cumsum(np.bincount(grouping.codes, minlength=g))
    sketches = tuple(sketch_values(error[rows], w[rows]) for rows in np.split(order, ends[:-1]))
    weight = np.bincount(grouping.codes, w, minlength=g).astype(np.float64)
    centre = _ratio(np.bincount(grouping.codes, w * y, minlength=g).astype(np.float64), weight)
    scale = max(float(y.std()), float(np.sqrt(np.mean(error**2)))) or 1.0
    middle = centre[grouping.codes]
    y, p, e = (y - middle) / scale, (p - middle) / scale, error / scale
    terms = (
        e, e**2, e**3, e**4, np.abs(e), p, p**2, y, y**2, y**3, y**4, e**2 * y, e**2 * y**2,
        np.abs(e) ** 3, e**6,
    )  # fmt: skip

    def summed(values: Floats) -> Floats:
        return np.bincount(grouping.codes, values, minlength=g).astype(np.float64)

    return RegressionCube(
        grouping.attributes,
        grouping.groups,
        np.bincount(grouping.codes, minlength=g).astype(np.int64),
        weight,
        summed(w**2),
        np.stack([summed(w * values) for values in terms], axis=1),
        centre,
        scale,
        sketches,
        weights is not None,
        _by_person(as_persons(persons, n), grouping, w, terms),
    )


def _by_person(
    persons: Ints | None,
    grouping: Grouping,
    weight: Floats,
    terms: tuple[Floats, ...],
) -> PersonCells | None:
    if persons is None:
        return None
    g = len(grouping.groups)
    pair, entry = np.unique(persons * g + grouping.codes, return_inverse=True)
    sums = [np.bincount(entry, weight * values) for values in (np.ones(len(weight)), *terms)]
    return PersonCells(g, pair // g, pair % g, np.stack(sums, axis=1))


def _ratio(total: Floats, weight: Floats) -> Floats:
    """Divide, 0 where there is no weight."""
    out = np.zeros(len(weight))
    np.divide(total, weight, out=out, where=weight > 0)
    return out


def _moved(sums: Floats, weight: Floats, by: Floats) -> Floats:
    """Return the sums of the terms with ``by`` added to each group's outcomes and predictions."""
    s = dict(zip(TERMS, sums.T, strict=True))
    y, y2, y3, y4 = (s[f"outcome{power}"] for power in ("", "²", "³", "⁴"))
    s["prediction²"] = s["prediction²"] + 2 * by * s["prediction"] + by**2 * weight
    s["prediction"] = s["prediction"] + by * weight
    s["outcome⁴"] = y4 + 4 * by * y3 + 6 * by**2 * y2 + 4 * by**3 * y + by**4 * weight
    s["outcome³"] = y3 + 3 * by * y2 + 3 * by**2 * y + by**3 * weight
    s["outcome²"] = y2 + 2 * by * y + by**2 * weight
    s["outcome"] = y + by * weight
    cross = s["error²·outcome"]
    s["error²·outcome²"] = s["error²·outcome²"] + 2 * by * cross + by**2 * s["error²"]
    s["error²·outcome"] = cross + by * s["error²"]
    return np.stack([s[term] for term in TERMS], axis=1)
