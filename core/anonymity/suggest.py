"""Which columns are likely quasi-identifiers: those that tell people apart.

Motwani and Xu 2007, "Efficient algorithms for masking and finding quasi-identifiers" (VLDB
workshop on secure data management): the distinct ratio of a set of columns is its distinct tuples
over rows, its separation ratio the share of pairs of rows that differ in it. The set is grown
greedily, one column at a time, by the pairs that it newly separates, which is their greedy cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.anonymity.equivalence_classes import check_quasi, classes_of, code
from core.arrays import Ints
from core.data.roles.roles import Roles

DEPTH = 3
"""Columns that are added to those known to be visible."""
ENOUGH = 0.5
"""Share of rows that are unique, from which no more columns are added."""


@dataclass(frozen=True)
class Power:
    """How well columns tell rows apart.

    Attributes
    ----------
    columns : tuple of str
    distinct : float
        Distinct tuples over rows, in (0, 1].
    separation : float
        Share of the pairs of rows that differ in them, in [0, 1]; 0 for one row.
    unique : float
        Share of rows that are alone with their tuple, in [0, 1].
    """

    columns: tuple[str, ...]
    distinct: float
    separation: float
    unique: float


@dataclass(frozen=True)
class Suggestion:
    """A suggested quasi-identifier and why."""

    column: str
    reason: str


def power(columns: tuple[str, ...], classes: Ints) -> Power:
    """Measure how well a partition of rows tells them apart."""
    size = np.bincount(classes).astype(np.float64)
    rows = size.sum()
    pairs = rows * (rows - 1)
    separated = 1 - (size * (size - 1)).sum() / pairs if pairs else 0.0
    return Power(
        columns, float(len(size) / rows), float(separated), float((size == 1).sum() / rows)
    )


def suggest(
    frame: pd.DataFrame, candidates: Sequence[str], visible: Sequence[str] = ()
) -> tuple[tuple[Suggestion, ...], tuple[Power, ...]]:
    """Suggest quasi-identifiers.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
    candidates : sequence of str
        Columns to choose from.
    visible : sequence of str
        Columns that others commonly know of a person, such as sex and age: taken first.

    Returns
    -------
    tuple of (tuple of Suggestion, tuple of Power)
        The suggested columns with reasons, and the power of the set as it grew.

    Raises
    ------
    InputError
        If a column doesn't exist.
    """
    everything = tuple(dict.fromkeys([*visible, *candidates]))
    check_quasi(frame, everything, None)
    coded = {name: code(frame, name) for name in everything}
    chosen: list[Suggestion] = []
    steps: list[Power] = []
    classes = np.zeros(len(frame), dtype=np.int64)
    for name in visible:
        classes = classes_of([classes, coded[name].codes], len(frame))
        chosen.append(
            Suggestion(name, "a sensitive attribute that others commonly know of a person")
        )
        steps.append(power(tuple(item.column for item in chosen), classes))
    left = [name for name in candidates if name not in visible and len(coded[name].labels) > 1]
    for _ in range(DEPTH):
        if not left or (steps and steps[-1].unique >= ENOUGH):
            break
        tried = {name: classes_of([classes, coded[name].codes], len(frame)) for name in left}
        before = tuple(item.column for item in chosen)
        found = {name: power((*before, name), tried[name]) for name in left}
        best = max(left, key=lambda name: (found[name].separation, found[name].distinct))
        if steps and found[best].separation <= steps[-1].separation:
            break
        alone = "alone " if not before else "together with those above "
        chosen.append(
            Suggestion(
                best,
                f"{alone}it tells apart {_share(found[best].separation)} of all pairs of rows, "
                f"more than any other column, and makes {100 * found[best].unique:.1f}% of rows "
                "unique",
            )
        )
        steps.append(found[best])
        classes = tried[best]
        left.remove(best)
    return tuple(chosen), tuple(steps)


def suggest_for(
    frame: pd.DataFrame, roles: Roles
) -> tuple[tuple[Suggestion, ...], tuple[Power, ...]]:
    """Suggest among the features and sensitive columns of an audit; see :func:`suggest`.

    An audit of existing predictions may have no features; all columns that are neither outcome,
    decision, weight nor identifier are candidates then.
    """
    none = {roles.target, roles.prediction, roles.score, roles.weight, *roles.identifiers}
    candidates = roles.features or tuple(str(name) for name in frame.columns)
    visible = [name for name in roles.sensitive if name not in none]
    return suggest(frame, [name for name in candidates if name not in none], visible)


def _share(value: float) -> str:
    """Write a share close to 1 without rounding it up to 1."""
    return "over 99.99%" if 0.9999 < value < 1 else f"{value:.2%}"
