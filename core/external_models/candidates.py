"""The columns of a table that a model made elsewhere may take its inputs from.

A model that was trained elsewhere may see what a model trained here would not be given: sensitive
columns, and columns in which these rows hold one value only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from core.arrays import Ints
from core.data.assign import assign
from core.data.feature_columns import feature_columns
from core.data.labels import canonical
from core.data.roles.outcome_rows import OutcomeColumns, rows_with_truth
from core.data.roles.roles import Roles
from core.data.table import Kind, Table


@dataclass(frozen=True, eq=False)
class Candidates:
    """What inputs may be matched to.

    Attributes
    ----------
    features : DataFrame, shape (n, p)
        As :class:`core.data.dataset.Dataset` holds them.
    groups : Series of str, shape (n,)
        Of the first sensitive column.
    constants : dict of str to str or None
        Columns that hold one value for everybody.
    positive_label : str
        Of the target, in canonical text; "" where amounts or classes are predicted.
    rows : ndarray of int64, shape (n,)
        Positions of these rows in the table.
    """

    features: pd.DataFrame
    groups: pd.Series
    constants: dict[str, str | None]
    positive_label: str
    rows: Ints

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that a model may see."""
        return (*map(str, self.features), *self.constants)


def candidates_of(
    table: Table, roles: Roles, identifiers: tuple[str, ...] | None = None
) -> Candidates:
    """Collect what a model's inputs may be matched to: all but what is decided, and weights.

    Parameters
    ----------
    table : Table
    roles : Roles
        Whose features have no say.
    identifiers : tuple of str, optional
        Columns that a person said name people, which no model takes; a column that only looks like
        one may be an input. All identifiers of the roles by default.

    Raises
    ------
    InputError
        As :func:`core.data.assign.assign`.
    """
    named = roles.identifiers if identifiers is None else identifiers
    taken = {roles.target, roles.prediction, roles.score, roles.weight, *named}
    varying, constants = _may_be_seen(table, taken)
    dataset = assign(table, replace(roles, features=varying, identifiers=named))
    constants |= _lost(table, dataset.rows, varying, dataset.features)
    return Candidates(
        dataset.features,
        dataset.sensitive[roles.sensitive[0]],
        constants,
        dataset.roles.positive_label,
        dataset.rows,
    )


def candidates_for_outcomes(table: Table, columns: OutcomeColumns) -> Candidates:
    """Collect what the inputs of a model of amounts or of classes may be matched to.

    That is all but the true values, weights and identifiers, in the rows that have a true value.
    The column of predictions is not there yet.

    Raises
    ------
    InputError
        As :func:`core.data.roles.outcome_rows.rows_with_truth`.
    """
    rows, groups = rows_with_truth(table, columns)
    varying, constants = _may_be_seen(table, {columns.truth, columns.weight, *columns.identifiers})
    frame = table.frame.iloc[rows].reset_index(drop=True)
    features = feature_columns(table, frame, varying, [])
    constants |= _lost(table, rows, varying, features)
    return Candidates(features, groups, constants, "", rows)


def _may_be_seen(
    table: Table, taken: set[str | None]
) -> tuple[tuple[str, ...], dict[str, str | None]]:
    """Tell columns that may be inputs from those that hold one value, beside what is taken.

    Free text is neither: no feature is made of it.
    """
    constants: dict[str, str | None] = {}
    varying = []
    for column in table.columns:
        name = column.name
        if name in taken or column.kind is Kind.TEXT:
            continue
        values = table.frame[name].dropna()
        if values.nunique() > 1 or (len(values) and len(values) < len(table.frame)):
            varying.append(name)
        else:
            constants[name] = _only_value(table, name, values)
    return tuple(varying), constants


def _lost(
    table: Table, rows: Ints, varying: tuple[str, ...], features: pd.DataFrame
) -> dict[str, str | None]:
    """Give the one value of columns that hold no other in the rows that were taken."""
    return {
        name: _only_value(table, name, table.frame[name].iloc[rows].dropna())
        for name in varying
        if name not in features
    }


def _only_value(table: Table, name: str, values: pd.Series) -> str | None:
    """Write the one value of a column as features have it, None where there is none."""
    if not len(values):
        return None
    only = values.iloc[0]
    if table.column(name).kind is Kind.DATE:
        only = (only - pd.Timestamp(0)) / pd.Timedelta(days=1)
    return canonical(only)
