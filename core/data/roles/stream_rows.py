"""Incoming outcomes and decisions in the columns of a table, in the order of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Flags, Objects
from core.data.labels import canonical_series, check_columns, match_label
from core.data.table import Repair
from core.errors import InputError


@dataclass(frozen=True)
class StreamColumns:
    """Which columns hold what.

    Attributes
    ----------
    outcome : str
        What came out; empty where it has not come yet.
    positive : str
        Its positive label.
    decision : str
        What was decided: by the first model, or by the one of a person's arm.
    positive_decision : str
        The label of a positive decision.
    second : str or None
        What the second model decided about the same people.
    arm : str or None
        Which model decided; exactly one of ``second`` and ``arm`` is given.
    group : str or None
        People can be restricted to a group in it.
    """

    outcome: str
    positive: str
    decision: str
    positive_decision: str
    second: str | None = None
    arm: str | None = None
    group: str | None = None


@dataclass(frozen=True, eq=False)
class StreamRows:
    """The rows that were decided on, in order of arrival.

    Attributes
    ----------
    outcomes : ndarray of object, shape (n,)
        True, False, or None where it has not come.
    decisions : ndarray of bool, shape (n,)
    second : ndarray of bool, shape (n,), or None
    arms, groups : ndarray of str, shape (n,), or None
        None inside where a group is missing.
    repairs : tuple of Repair
        Rows that were left out.
    """

    outcomes: Objects
    decisions: Flags
    second: Flags | None
    arms: Objects | None
    groups: Objects | None
    repairs: tuple[Repair, ...]


def stream_rows(frame: pd.DataFrame, columns: StreamColumns) -> StreamRows:
    """Take outcomes and decisions from a table; rows stay in its order.

    Parameters
    ----------
    frame : DataFrame, shape (rows, columns)
    columns : StreamColumns

    Raises
    ------
    InputError
        If a column is missing or used twice, outcomes or decisions are not of two labels, or no row
        has what it takes.
    """
    _check_names(frame, columns)
    decided = [c for c in (columns.decision, columns.second) if c is not None]
    texts = {
        name: canonical_series(frame[name]).to_numpy(dtype=object)
        for name in (columns.outcome, *decided, columns.arm, columns.group)
        if name is not None
    }
    repairs, keep = [], np.ones(len(frame), dtype=np.bool_)
    for name in (*decided, *([columns.arm] if columns.arm else [])):
        lacks = pd.isna(texts[name]) & keep
        if lacks.any():
            what = "an arm" if name == columns.arm else "a decision"
            repairs.append(Repair(f"Rows without {what} are left out.", int(lacks.sum()), name))
            keep &= ~lacks
    if not keep.any():
        raise InputError(
            "no row has what is needed" if len(frame) else "the table has no rows",
            where=", ".join(f"column {name!r}" for name in decided),
            remedy="Choose columns that hold values in the same rows",
        )
    texts = {name: values[keep] for name, values in texts.items()}
    positive = _positive(texts[columns.outcome], columns.positive, f"column {columns.outcome!r}")
    both = np.concatenate([texts[name] for name in decided])
    where = " and ".join(f"column {name!r}" for name in decided)
    yes = _positive(both, columns.positive_decision, where)
    outcomes = [None if v is None else v == positive for v in texts[columns.outcome]]
    return StreamRows(
        np.array(outcomes, dtype=object),
        texts[columns.decision] == yes,
        None if columns.second is None else texts[columns.second] == yes,
        None if columns.arm is None else texts[columns.arm],
        None if columns.group is None else texts[columns.group],
        tuple(repairs),
    )


def labels_of(frame: pd.DataFrame, *names: str) -> tuple[str, ...]:
    """Canonical labels of some columns together, the most frequent last."""
    found: pd.Series[Any] = pd.concat([canonical_series(frame[name]) for name in names])
    return tuple(reversed(found.value_counts().index.tolist()))


def _positive(values: Objects, wanted: str, where: str) -> str:
    """Check that values are of two labels at most, and return the positive one."""
    there = sorted({value for value in values if value is not None})
    if len(there) > 2:
        raise InputError(
            f"it holds {len(there)} different values (such as {', '.join(map(repr, there[:3]))}), "
            "and there must be two",
            where=where,
            remedy="Choose a column of two labels; give scores as decisions at a threshold",
        )
    # At first all outcomes may be negative, so that the positive label has not been seen.
    return wanted.strip() if len(there) < 2 else match_label(wanted, there, where=where)


def _check_names(frame: pd.DataFrame, columns: StreamColumns) -> None:
    if (columns.second is None) == (columns.arm is None):
        raise InputError(
            "give either the second model's decisions or the column that says which model decided",
            where="columns",
        )
    given = (columns.outcome, columns.decision, columns.second, columns.arm, columns.group)
    used = [name for name in given if name is not None]
    check_columns(used, tuple(map(str, frame.columns)))
