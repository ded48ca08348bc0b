"""Rows of true and predicted values in any number of classes, or in amounts, with their groups."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.arrays import Array, Floats, Ints
from core.data.labels import canonical, canonical_series, check_columns, near
from core.data.persons import persons_of
from core.data.roles.decisions import weights
from core.data.roles.groups import FEW, default_edges, group
from core.data.roles.merged_groups import MergedGroups, check_merged_groups, merge_groups
from core.data.roles.role_checks import MANY_GROUPS, MANY_TOGETHER
from core.data.roles.roles import Roles
from core.data.roles.trained_rows import rows_marked
from core.data.roles.unknown_values import UNKNOWN_ROWS
from core.data.table import MISSING, Kind, Repair, Table
from core.errors import InputError

MANY_CLASSES = 30
"""More classes than this cannot be compared one by one."""


@dataclass(frozen=True)
class OutcomeColumns:
    """Which columns hold what.

    Attributes
    ----------
    truth, prediction : str
        Columns of what came true and of what was predicted.
    sensitive : tuple of str
        Columns to compare by; at least one.
    weight : str or None
    edges : tuple of (str, tuple of float)
        As in :class:`core.data.roles.roles.Roles`.
    merged_groups : tuple of (str, str, tuple of str)
        As there.
    identifiers : tuple of str
        Columns that name a person.
    trained_on : tuple of (str, str) or None
        Column and value, in canonical text, of rows that trained the model which predicted: they
        judge nothing.
    """

    truth: str
    prediction: str
    sensitive: tuple[str, ...]
    weight: str | None = None
    edges: tuple[tuple[str, tuple[float, ...]], ...] = ()
    merged_groups: MergedGroups = field(
        default=(), metadata={"absent_at_default": True, "first_name": "together"}
    )
    identifiers: tuple[str, ...] = field(default=(), metadata={"absent_at_default": True})
    trained_on: tuple[str, str] | None = field(default=None, metadata={"absent_at_default": True})


@dataclass(frozen=True, eq=False)
class OutcomeRows:
    """The rows that have both values.

    Attributes
    ----------
    truth, prediction : ndarray, shape (n,)
        Canonical texts (object) of classes, or float64 of amounts.
    sensitive : DataFrame of str, shape (n, s)
    weights : ndarray of float64, shape (n,), or None
    rows : ndarray of int64, shape (n,)
        Each row's number in the table, counted from 0.
    repairs : tuple of Repair
        What was left out or put together.
    persons : ndarray of int64, shape (n,), or None
        Equal for rows of one person; None where no person has two rows.
    """

    truth: Array
    prediction: Array
    sensitive: pd.DataFrame
    weights: Floats | None
    rows: Ints
    repairs: tuple[Repair, ...]
    persons: Ints | None = None


def class_rows(table: Table, columns: OutcomeColumns) -> OutcomeRows:
    """Take true and predicted classes, compared by their canonical text.

    Raises
    ------
    InputError
        If a column is missing, used twice or unfit, fewer than two or more than
        :data:`MANY_CLASSES` classes occur, or there are too many groups.
    """
    frame, rows, repairs = _kept(table, columns)
    truth, prediction = (
        canonical_series(frame[name]).to_numpy(dtype=object)
        for name in (columns.truth, columns.prediction)
    )
    classes = sorted({*truth, *prediction})
    where = f"columns {columns.truth!r} and {columns.prediction!r}"
    if len(classes) > MANY_CLASSES:
        raise InputError(
            f"they hold {len(classes)} classes, too many to compare",
            where=where,
            remedy=f"Choose columns of at most {MANY_CLASSES} classes, or audit amounts as "
            "regression",
        )
    if len(classes) < 2:
        raise InputError(
            f"they hold only one class, {classes[0]!r}",
            where=where,
            remedy="Choose columns with at least two classes",
        )
    unknown = sorted(set(prediction) - set(truth))
    if len(unknown) == len(set(prediction)):
        raise InputError(
            f"no prediction is ever a true class (the first is {unknown[0]!r})",
            where=where,
            remedy="Choose two columns that hold the same classes",
        )
    return _rows(frame, rows, columns, repairs, truth, prediction)


def amount_rows(table: Table, columns: OutcomeColumns) -> OutcomeRows:
    """Take true and predicted amounts.

    Raises
    ------
    InputError
        If a column is missing, used twice or not of numbers, or there are too many groups.
    """
    _check_names(table, columns)
    for name in (columns.truth, columns.prediction):
        if table.column(name).kind is not Kind.NUMBER:
            raise InputError(
                f"it holds {table.column(name).kind} values, not numbers",
                where=f"column {name!r}",
                remedy="Choose a column of numbers, or correct its kind",
            )
    frame, rows, repairs = _kept(table, columns)
    truth, prediction = (
        frame[name].to_numpy(dtype=np.float64) for name in (columns.truth, columns.prediction)
    )
    return _rows(frame, rows, columns, repairs, truth, prediction)


def rows_with_truth(table: Table, columns: OutcomeColumns) -> tuple[Ints, pd.Series]:
    """Find the rows that have a true value, and their groups by the first sensitive column.

    The column of predictions need not be there yet.

    Returns
    -------
    tuple of ndarray of int64 and Series of str, both of shape (n,)

    Raises
    ------
    InputError
        If a column is missing or used twice, no row has a true value, or all are of one group.
    """
    _check_names(table, columns, predicted=False)
    rows = np.flatnonzero(table.frame[columns.truth].notna().to_numpy()).astype(np.int64)
    if not len(rows):
        raise InputError(
            "no row has a true value",
            where=f"column {columns.truth!r}",
            remedy="Choose a column that holds values",
        )
    frame = table.frame.iloc[rows].reset_index(drop=True)
    first = columns.sensitive[0]
    merged = tuple(item for item in columns.merged_groups if item[0] == first)
    groups = named_groups(frame, (first,), dict(columns.edges), [], merged)
    return rows, groups[first]


def _check_names(table: Table, columns: OutcomeColumns, *, predicted: bool = True) -> None:
    names = tuple(column.name for column in table.columns)
    used = [columns.truth, *([columns.prediction] if predicted else []), *columns.sensitive]
    used += [columns.weight] if columns.weight is not None else []
    used += columns.identifiers
    check_columns(used, names)
    marks = columns.trained_on
    if marks is not None and marks[0] not in names:
        raise InputError(
            "it is to say which rows trained the model, and the table has no such column",
            where=f"column {marks[0]!r}",
            remedy=near(marks[0], names),
        )
    if not columns.sensitive:
        raise InputError(
            "no sensitive column is chosen, so there is nothing to compare",
            remedy="Choose at least one column such as sex or age",
        )
    for name, _ in columns.edges:
        if name not in columns.sensitive:
            raise InputError(
                "bin edges are given, but it is not a sensitive column",
                where=f"column {name!r}",
                remedy="Leave the edges out, or compare by it",
            )
    check_merged_groups(columns.sensitive, columns.merged_groups)
    weight = columns.weight
    if weight is not None and table.column(weight).kind is not Kind.NUMBER:
        raise InputError(
            "row weights must be numbers", where=f"column {weight!r}", remedy="Choose another"
        )


def _kept(table: Table, columns: OutcomeColumns) -> tuple[pd.DataFrame, Ints, list[Repair]]:
    """Leave out the rows that trained, lack a true value or lack a prediction, and count them."""
    _check_names(table, columns)
    repairs = list(table.repairs)
    keep = np.ones(len(table.frame), dtype=np.bool_)
    if columns.trained_on is not None:
        column, value = columns.trained_on
        keep = ~rows_marked(table.frame[column], value)
        what = "Rows that trained the model judge nothing and were left out."
        repairs.append(Repair(what, int((~keep).sum()), column))
    for what, name in (("true value", columns.truth), ("prediction", columns.prediction)):
        lacks = table.frame[name].isna().to_numpy() & keep
        if lacks.any():
            repairs.append(Repair(f"Rows without a {what} were left out.", int(lacks.sum()), name))
            keep &= ~lacks
    rows = np.flatnonzero(keep).astype(np.int64)
    if not len(rows):
        raise InputError(
            "no row has both a true value and a prediction",
            where=f"columns {columns.truth!r} and {columns.prediction!r}",
            remedy="Choose columns that hold values in the same rows",
        )
    return table.frame.iloc[rows].reset_index(drop=True), rows, repairs


def _rows(
    frame: pd.DataFrame,
    rows: Ints,
    columns: OutcomeColumns,
    repairs: list[Repair],
    truth: Array,
    prediction: Array,
) -> OutcomeRows:
    given = dict(columns.edges)
    sensitive = named_groups(frame, columns.sensitive, given, repairs, columns.merged_groups)
    roles = Roles(columns.truth, "", columns.sensitive, weight=columns.weight)
    weight = weights(frame, rows, roles)
    named = [canonical_series(frame[name]).rename(name) for name in columns.identifiers]
    persons = persons_of(pd.concat(named, axis=1)) if named else None
    return OutcomeRows(truth, prediction, sensitive, weight, rows, tuple(repairs), persons)


def named_groups(
    frame: pd.DataFrame,
    names: tuple[str, ...],
    given: dict[str, tuple[float, ...]],
    repairs: list[Repair],
    merged_groups: MergedGroups = (),
    unknown_rows: str = UNKNOWN_ROWS,
) -> pd.DataFrame:
    """Name each row's group in some columns; what was cut or is missing is added to repairs.

    What becomes of rows without a value is said as ``unknown_rows`` has it.

    Raises
    ------
    InputError
        If there are more than :data:`core.data.roles.role_checks.MANY_GROUPS` groups in a column,
        more than ``MANY_TOGETHER`` together, or only one.
    """
    groups = {}
    for name in names:
        series, cut = frame[name], given.get(name)
        if cut is None and series.dtype.kind in "iuf" and series.nunique() > FEW:
            cut = default_edges(series)
            text = ", ".join(canonical(edge) for edge in cut)
            what = f"Numbers were put into groups cut at {text}, near the quartiles."
            repairs.append(Repair(what, int(series.notna().sum()), name))
        groups[name] = merge_groups(group(series, cut), merged_groups, repairs)
        if groups[name].nunique() > MANY_GROUPS:
            raise InputError(
                f"it has {groups[name].nunique()} groups, too many to compare",
                where=f"column {name!r}",
                remedy=f"Choose a column of at most {MANY_GROUPS} groups, or merge groups",
            )
        missing = int((groups[name] == MISSING).sum())
        if missing:
            repairs.append(Repair(unknown_rows, missing, name))
    found = pd.DataFrame(groups)
    combined = len(found.drop_duplicates())
    where = " and ".join(f"column {name!r}" for name in names)
    if combined > MANY_TOGETHER:
        raise InputError(
            f"together they make {combined} groups, too many to compare",
            where=where,
            remedy=f"Choose fewer columns, for at most {MANY_TOGETHER} groups",
        )
    if combined < 2:
        raise InputError(
            f"all rows are of only one group, {found.iloc[0, 0]!r}: nothing to compare",
            where=where,
            remedy="Choose a sensitive column with at least two groups",
        )
    return found
