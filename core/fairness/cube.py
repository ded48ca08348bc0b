"""The outcome cube: counts over group × label × prediction, enough for every group metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import InputError
from core.fairness.grouping import Group, Grouping, collapse, group_rows

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WEIGHT_RANGE = (1e-100, 1e100)
"""Weights other than 0 outside this range would over- or underflow when squared and summed."""


@dataclass(frozen=True, eq=False)
class OutcomeCube:
    """Counts of outcomes by group; index 0 is negative and 1 positive on both outcome axes.

    Attributes
    ----------
    attributes : tuple of str, length s
        The sensitive columns; empty for everyone together.
    groups : tuple of tuples of str, length g
        The combinations of values that occur, sorted.
    count : ndarray of int64, shape (g, 2, 2)
        Rows by group, label and prediction.
    weight : ndarray of float64, shape (g, 2, 2)
        Their summed weights; equal to ``count`` without weights.
    weight_squared : ndarray of float64, shape (g, 2, 2)
        Their summed squared weights, from which effective sizes come.
    weighted : bool
        Whether weights were given.
    has_outcome : bool
        Whether true outcomes were given. Without them all rows stand under the negative label, and
        only what sums over labels has a meaning: see :attr:`GroupMetric.needs_outcome`.
    """

    attributes: tuple[str, ...]
    groups: tuple[Group, ...]
    count: npt.NDArray[np.int64]
    weight: Floats
    weight_squared: Floats
    weighted: bool = False
    has_outcome: bool = True

    def marginal(self, attributes: Sequence[str]) -> OutcomeCube:
        """Collapse to some of the attributes, without another pass over the rows."""
        groups, position = collapse(self.attributes, self.groups, attributes)

        def merged(cells: npt.NDArray[Any]) -> npt.NDArray[Any]:
            out = np.zeros((len(groups), 2, 2), dtype=cells.dtype)
            np.add.at(out, position, cells)
            return out

        return OutcomeCube(
            tuple(attributes),
            groups,
            merged(self.count),
            merged(self.weight),
            merged(self.weight_squared),
            self.weighted,
            self.has_outcome,
        )

    def chosen(self, positions: npt.NDArray[np.int64]) -> OutcomeCube:
        """Keep some of the groups."""
        return replace(
            self,
            groups=tuple(self.groups[p] for p in positions),
            count=self.count[positions],
            weight=self.weight[positions],
            weight_squared=self.weight_squared[positions],
        )

    def overall(self) -> OutcomeCube:
        """Everyone as one group."""
        return self.marginal(())

    def named(self, position: int) -> tuple[tuple[str, str], ...]:
        """Pairs of attribute and value of the group at a position."""
        return tuple(zip(self.attributes, self.groups[position], strict=True))


def build_cube(
    target: Flags | None,
    prediction: Flags,
    sensitive: pd.DataFrame,
    weights: Floats | None = None,
) -> OutcomeCube:
    """Count outcomes by group in one pass. Rows are matched by position, never by an index.

    Parameters
    ----------
    target, prediction : array of bool, shape (n,)
        True for the positive label and the positive decision. Without true outcomes the target is
        None, and what needs them is not defined.
    sensitive : DataFrame of str, shape (n, s)
        A missing value puts its row into the group "(missing)".
    weights : array of float, shape (n,), optional
        Finite and non-negative, not all zero.

    Raises
    ------
    InputError
        If a length differs, labels or decisions are not boolean, or a weight is unusable.
    """
    return count_outcomes(group_rows(sensitive), target, prediction, weights)


def count_outcomes(
    grouping: Grouping, target: Flags | None, prediction: Flags, weights: Floats | None = None
) -> OutcomeCube:
    """Count outcomes by group, for rows that are grouped already; see :func:`build_cube`."""
    n, g = len(grouping), len(grouping.groups)
    decision = as_flags(prediction, "prediction", n)
    cell = grouping.codes * 4
    if target is not None:
        cell += as_flags(target, "target", n) * np.int64(2)
    cell += decision
    count = np.bincount(cell, minlength=4 * g).reshape(g, 2, 2).astype(np.int64)
    if weights is None:
        weight: Floats = count.astype(np.float64)
        squared: Floats = weight.copy()
    else:
        row_weight = as_weights(weights, n)
        weight = np.bincount(cell, row_weight, minlength=4 * g).astype(np.float64)
        squared = np.bincount(cell, row_weight**2, minlength=4 * g).astype(np.float64)
        weight, squared = weight.reshape(g, 2, 2), squared.reshape(g, 2, 2)
    return OutcomeCube(
        grouping.attributes,
        grouping.groups,
        count,
        weight,
        squared,
        weights is not None,
        target is not None,
    )


def as_flags(values: Any, where: str, n: int) -> Flags:
    """Check that labels or decisions are n booleans; InputError if they are anything else.

    Numbers are refused rather than read as truth: labels 1 and 2, or probabilities in place of
    decisions, would pass for "everyone positive" and so for perfect fairness.
    """
    flags = np.asarray(values)
    if isinstance(values, pd.Series) and str(values.dtype).startswith("bool"):
        if values.isna().any():
            raise InputError(
                f"{int(values.isna().sum())} rows have no value",
                where=where,
                remedy="Drop those rows first",
            )
        flags = values.to_numpy(dtype=np.bool_)
    if flags.dtype != np.bool_:
        raise InputError(
            f"it holds {flags.dtype} values, not true and false",
            where=where,
            remedy="Compare it with the declared positive label, or a score with its threshold",
        )
    return _of_length(flags, where, n)


def as_weights(values: Any, n: int) -> Floats:
    """Check n finite, non-negative weights that are not all zero; InputError otherwise."""
    weights = _of_length(as_numbers(values, "weights"), "weights", n)
    positive = weights[weights > 0]
    if (weights < 0).any():
        row = int(np.flatnonzero(weights < 0)[0])
        raise InputError(
            f"row {row} has the negative weight {weights[row]:g}",
            where="weights",
            remedy="Weights must be 0 or more",
        )
    if not len(positive):
        raise InputError("all weights are zero", where="weights", remedy="Leave weights out")
    if positive.min() < WEIGHT_RANGE[0] or positive.max() > WEIGHT_RANGE[1]:
        raise InputError(
            f"they range from {positive.min():g} to {positive.max():g}, too far to be summed",
            where="weights",
            remedy="Rescale them to around 1",
        )
    return weights


def as_scores(values: Any, n: int) -> Floats:
    """Check n finite scores; InputError otherwise."""
    return _of_length(as_numbers(values, "scores"), "scores", n)


def as_numbers(values: Any, where: str) -> Floats:
    """Convert to finite floats; InputError names the first row that is not one."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("they are not all numbers", where=where) from None
    wrong = np.flatnonzero(~np.isfinite(numbers.ravel()))
    if len(wrong):
        raise InputError(
            f"row {wrong[0]} holds no finite number ({len(wrong)} such rows)",
            where=where,
            remedy="Drop or fill those rows first",
        )
    return numbers


def _of_length(values: npt.NDArray[Any], where: str, n: int) -> npt.NDArray[Any]:
    if values.shape != (n,):
        raise InputError(
            f"its shape is {values.shape}, but there are {n} rows of sensitive values",
            where=where,
            remedy="Give one value for each row",
        )
    return values
