"""The outcome cube: counts over group × label × prediction, enough for every group metric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from core.arrays import Array, Flags, Floats, Ints
from core.errors import InputError
from core.fairness.counts.grouping import (
    Group,
    Grouped,
    Grouping,
    group_rows,
    sum_groups,
)
from core.fairness.counts.person_cells import PersonCells, count_by_person
from core.fairness.intervals.intervals import effective_size

WEIGHT_RANGE = (1e-100, 1e100)
"""Weights other than 0 outside this range would over- or underflow when squared and summed."""


@dataclass(frozen=True, eq=False)
class OutcomeCube(Grouped):
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
        only what sums over labels has a meaning: see
        :attr:`core.fairness.metrics.metric_definition.GroupMetric.needs_outcome`.
    persons : PersonCells or None
        The cells of each person, where persons have several rows; None where rows are persons.
    """

    count: Ints
    weight: Floats
    weight_squared: Floats
    weighted: bool = False
    has_outcome: bool = True
    persons: PersonCells | None = None

    def merged(
        self, attributes: tuple[str, ...], groups: tuple[Group, ...], position: Ints
    ) -> Self:
        """Merge groups: each goes to the place among ``groups`` that stands at its own."""
        g = len(groups)
        return replace(
            self,
            attributes=attributes,
            groups=groups,
            count=sum_groups(self.count, position, g),
            weight=sum_groups(self.weight, position, g),
            weight_squared=sum_groups(self.weight_squared, position, g),
            persons=self.persons and self.persons.merged(position, g),
        )

    def chosen(self, positions: Ints) -> OutcomeCube:
        """Keep the groups at some positions, in that order."""
        return replace(
            self,
            groups=tuple(self.groups[p] for p in positions),
            count=self.count[positions],
            weight=self.weight[positions],
            weight_squared=self.weight_squared[positions],
            persons=self.persons and self.persons.chosen(positions),
        )

    def sizes(
        self,
        hits: Callable[[Floats], Floats],
        trials: Callable[[Floats], Floats],
        level: float,
    ) -> Floats:
        """Independent rows of equal weight that would tell as much of a share, shape (g,).

        Parameters
        ----------
        hits, trials : callable
            Sums of cells, from tables of shape (..., 2, 2): the share is that of the first in the
            second.
        level : float
            Of the interval that they are for, in [0, 1).
        """
        rows = effective_size(trials(self.weight), trials(self.weight_squared))
        if self.persons is None:
            return rows
        cells = self.persons.cells
        return self.persons.sizes(hits(cells), trials(cells), rows, level)

    def persons_in(self, position: int, cells: Callable[[Floats], Floats] | None = None) -> int:
        """Count the persons with rows in a group, or in some of its cells."""
        if self.persons is not None:
            return int(self.persons.number(cells)[position])
        count = self.count[position].astype(np.float64)
        return int(count.sum() if cells is None else cells(count))


def build_cube(
    target: Flags | None,
    prediction: Flags,
    sensitive: pd.DataFrame,
    weights: Floats | None = None,
    persons: Ints | None = None,
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
    persons : array of int, shape (n,), optional
        Equal for rows of one person, as from :func:`core.data.persons.persons_of`; without them
        every row is a person.

    Raises
    ------
    InputError
        If a length differs, labels or decisions are not boolean, or a weight is unusable.
    """
    return count_outcomes(group_rows(sensitive), target, prediction, weights, persons)


def count_outcomes(
    grouping: Grouping,
    target: Flags | None,
    prediction: Flags,
    weights: Floats | None = None,
    persons: Ints | None = None,
) -> OutcomeCube:
    """Count outcomes by group, for rows that are grouped already; see :func:`build_cube`."""
    n, g = len(grouping), len(grouping.groups)
    decision = as_flags(prediction, "prediction", n)
    within = decision.astype(np.int64)
    if target is not None:
        within += as_flags(target, "target", n) * np.int64(2)
    cell = grouping.codes * 4 + within
    count = np.bincount(cell, minlength=4 * g).reshape(g, 2, 2).astype(np.int64)
    if weights is None:
        weight: Floats = count.astype(np.float64)
        squared: Floats = weight.copy()
    else:
        row_weight = as_weights(weights, n)
        weight = np.bincount(cell, row_weight, minlength=4 * g).astype(np.float64)
        squared = np.bincount(cell, row_weight**2, minlength=4 * g).astype(np.float64)
        weight, squared = weight.reshape(g, 2, 2), squared.reshape(g, 2, 2)
    by_person = None
    ids = as_persons(persons, n)
    if ids is not None:
        by_person = count_by_person(ids, grouping.codes, g, within, (2, 2), weights)
    return OutcomeCube(
        grouping.attributes,
        grouping.groups,
        count,
        weight,
        squared,
        weights is not None,
        target is not None,
        by_person,
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


def as_persons(values: Any, n: int) -> Ints | None:
    """Check n numbers of persons, each 0 or more; InputError otherwise.

    None where there are none, or no person has two of the rows, so that rows are persons.
    """
    if values is None:
        return None
    ids = np.asarray(values)
    if ids.dtype.kind not in "iu" or (len(ids) and ids.min() < 0):
        raise InputError("they are not whole numbers from 0 on", where="persons")
    _of_length(ids, "persons", n)
    return None if len(np.unique(ids)) == n else ids.astype(np.int64)


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


def _of_length(values: Array, where: str, n: int) -> Array:
    if values.shape != (n,):
        raise InputError(
            f"its shape is {values.shape}, but there are {n} rows of sensitive values",
            where=where,
            remedy="Give one value for each row",
        )
    return values
