"""The columns of a table that a model made elsewhere may take its inputs from.

A model that was trained elsewhere may see what a model trained here would not be given: sensitive
columns, and columns in which these rows hold one value only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from core.arrays import Ints
from core.data.assign import assign
from core.data.labels import canonical
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
        Of the target, in canonical text.
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
    names = tuple(column.name for column in table.columns if column.name not in taken)
    constants: dict[str, str | None] = {}
    varying = []
    for name in names:
        values = table.frame[name].dropna()
        if values.nunique() > 1 or (len(values) and len(values) < len(table.frame)):
            varying.append(name)
            continue
        only = None if not len(values) else values.iloc[0]
        if table.column(name).kind is Kind.DATE and only is not None:
            only = (only - pd.Timestamp(0)) / pd.Timedelta(days=1)
        constants[name] = None if only is None else canonical(only)
    dataset = assign(table, replace(roles, features=tuple(varying), identifiers=named))
    constants |= {
        name: None for name in varying if name not in dataset.features and name not in constants
    }
    return Candidates(
        dataset.features,
        dataset.sensitive[roles.sensitive[0]],
        constants,
        dataset.roles.positive_label,
        dataset.rows,
    )
