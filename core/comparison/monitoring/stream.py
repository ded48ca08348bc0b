"""People in order of arrival: what was decided, what came out, and whom a figure counts.

Definition
----------
A figure of one person is 1 or 0: accuracy whether the decision was right; selection rate whether it
was positive; true and false positive rate the same among those whose outcome is positive or
negative. An outcome that has not come is no outcome: the person is counted as skipped, never taken
for negative. Outcomes that come earlier for some than for others (defaults show before repayments)
bias every one of these; then wait for all outcomes of a time.

A wrong answer would be caught by counting a table by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.data.table import MISSING
from core.errors import InputError

AMONG: dict[str, bool | None] = {
    "accuracy": None,
    "selection_rate": None,
    "true_positive_rate": True,
    "false_positive_rate": False,
}
"""Figures that can be watched, by registered name, and the outcome of those whom they count."""


@dataclass(frozen=True, eq=False)
class Stream:
    """Who is counted.

    Attributes
    ----------
    figure : str
    outcome, known : ndarray of bool, shape (n,)
        Outcomes, and whether they have come.
    counted : ndarray of bool, shape (n,)
    skipped, left_out : int
        Of those asked about, how many have no outcome yet; and how many are not asked about.
    """

    figure: str
    outcome: Flags
    known: Flags
    counted: Flags
    skipped: int
    left_out: int

    def value(self, decision: Flags) -> Floats:
        """Return the figure of each counted person, 0 or 1, in order of arrival."""
        found = decision == self.outcome if self.figure == "accuracy" else decision
        return found[self.counted].astype(np.float64)


def make_stream(outcomes: Any, figure: str, asked: Flags) -> Stream:
    """Find who is counted.

    Parameters
    ----------
    outcomes : array, shape (n,)
        True and false, or 1 and 0, and None, NaN or NA where it has not come.
    figure : str
        In :data:`AMONG`.
    asked : ndarray of bool, shape (n,)
        Whom it is about: a group, or two arms.

    Raises
    ------
    InputError
        If there is no such figure, a length differs, or an outcome is something else.
    """
    if figure not in AMONG:
        raise InputError(
            "it can't be watched person by person",
            where=f"figure {figure!r}",
            remedy=f"Choose one of: {', '.join(AMONG)}",
        )
    outcome, known = _outcomes(outcomes, len(asked))
    among = AMONG[figure]
    if figure == "selection_rate":
        return Stream(figure, outcome, known, asked, 0, int((~asked).sum()))
    fits = np.ones(len(asked), dtype=np.bool_) if among is None else outcome == among
    counted = asked & known & fits
    skipped = int((asked & ~known).sum())
    return Stream(
        figure, outcome, known, counted, skipped, len(asked) - skipped - int(counted.sum())
    )


def as_labels(values: Any, where: str, n: int) -> Objects:
    """Read n names of groups or arms as text; a missing one is named "(missing)".

    Raises
    ------
    InputError
        If there are not n of them.
    """
    column = pd.Series(np.asarray(values, dtype=object), dtype=object)
    if len(column) != n:
        raise InputError(f"it has {len(column)} entries for {n} people", where=where)
    missing = column.isna().to_numpy()
    return np.array(
        [MISSING if gone else str(v) for v, gone in zip(column, missing, strict=True)], dtype=object
    )


def _outcomes(values: Any, n: int) -> tuple[Flags, Flags]:
    column = pd.Series(np.asarray(values, dtype=object), dtype=object)
    if len(column) != n:
        raise InputError(f"it has {len(column)} entries for {n} people", where="outcomes")
    known = column.notna().to_numpy()
    outcome = np.zeros(n, dtype=np.bool_)
    for row in np.flatnonzero(known):
        value = column.iloc[row]
        if isinstance(value, str) or value not in (0, 1):
            raise InputError(
                f"row {row} holds {value!r}, which is neither true nor false",
                where="outcomes",
                remedy="Compare outcomes with the declared positive label, and leave those that "
                "have not come empty",
            )
        outcome[row] = bool(value)
    return outcome, known
