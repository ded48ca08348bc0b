"""The cube of regression: sums by group that are sufficient for every mean, and a sketch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.fairness.cube import as_numbers, as_weights
from core.fairness.grouping import Group, Grouping, collapse
from core.fairness.quantile_sketch import QuantileSketch, sketch_values

Floats = npt.NDArray[np.float64]

TERMS = (
    "error", "error²", "error³", "error⁴", "|error|", "prediction", "prediction²", "outcome",
    "outcome²", "outcome³", "outcome⁴", "error²·outcome", "error²·outcome²",
)  # fmt: skip
"""What is summed in each group, outcomes and predictions counted from a common centre."""


@dataclass(frozen=True, eq=False)
class RegressionCube:
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
    centre, scale : float
        Taken from outcomes and predictions, and by what these and errors were divided: the mean of
        all outcomes, and their standard deviation or the root of the mean squared error, whichever
        is larger, so that fourth powers neither overflow nor lose digits.
    sketches : tuple of QuantileSketch, length g
        Of the errors in each group, prediction − outcome, in their own unit.
    weighted : bool
    """

    attributes: tuple[str, ...]
    groups: tuple[Group, ...]
    count: npt.NDArray[np.int64]
    weight: Floats
    weight_squared: Floats
    sums: Floats
    centre: float
    scale: float
    sketches: tuple[QuantileSketch, ...]
    weighted: bool = False

    def marginal(self, attributes: Sequence[str]) -> RegressionCube:
        """Collapse to some of the attributes, without another pass over the rows."""
        groups, position = collapse(self.attributes, self.groups, attributes)

        def merged(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            out = np.zeros((len(groups), *values.shape[1:]), dtype=values.dtype)
            np.add.at(out, position, values)
            return out

        return RegressionCube(
            tuple(attributes),
            groups,
            merged(self.count),
            merged(self.weight),
            merged(self.weight_squared),
            merged(self.sums),
            self.centre,
            self.scale,
            tuple(
                QuantileSketch(np.empty(0, np.int64), np.empty(0)).merge(
                    *(self.sketches[p] for p in np.flatnonzero(position == g))
                )
                for g in range(len(groups))
            ),
            self.weighted,
        )

    def named(self, position: int) -> tuple[tuple[str, str], ...]:
        """Pairs of attribute and value of the group at a position."""
        return tuple(zip(self.attributes, self.groups[position], strict=True))

    def mean(self, term: str) -> Floats:
        """Mean of a term in each group, shape (g,); NaN where all weights are zero."""
        out = np.full(len(self.groups), np.nan)
        total = self.sums[:, TERMS.index(term)]
        np.divide(total, self.weight, out=out, where=self.weight > 0)
        return out


def count_errors(
    grouping: Grouping, outcome: Floats, prediction: Floats, weights: Floats | None = None
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
    centre = float(y.mean())
    scale = max(float(y.std()), float(np.sqrt(np.mean(error**2)))) or 1.0
    y, p, e = (y - centre) / scale, (p - centre) / scale, error / scale
    terms = (e, e**2, e**3, e**4, np.abs(e), p, p**2, y, y**2, y**3, y**4, e**2 * y, e**2 * y**2)

    def summed(values: Floats) -> Floats:
        return np.bincount(grouping.codes, values, minlength=g).astype(np.float64)

    return RegressionCube(
        grouping.attributes,
        grouping.groups,
        np.bincount(grouping.codes, minlength=g).astype(np.int64),
        summed(w),
        summed(w**2),
        np.stack([summed(w * values) for values in terms], axis=1),
        centre,
        scale,
        sketches,
        weights is not None,
    )
