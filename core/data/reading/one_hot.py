"""One attribute that a table holds as columns of 0 and 1, made into one column.

``race_white``, ``race_black``, … become ``race`` with the groups "white", "black", …: each row has
the group whose column holds 1. A row with 1 in none of them, or in several, is of unknown group,
and how many there are is told. The columns themselves leave the table: none is a feature beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.arrays import Flags, Objects
from core.data.labels import near
from core.data.reading.kinds import describe
from core.data.table import Kind, Repair, Table
from core.errors import InputError

OneHot = tuple[tuple[str, tuple[str, ...]], ...]
"""Name of the attribute, and the columns that hold its groups."""

_SIGNS = "_.-:=/ "


def put_together(table: Table, one_hot: OneHot) -> Table:
    """Make each attribute's columns into one, in the place of the first of them.

    Raises
    ------
    InputError
        If a column isn't there, is named twice, or holds anything but 0 and 1, or the name is that
        of a column that stays.
    """
    for name, columns in one_hot:
        table = _made(table, name, columns)
    return table


def attribute_name(columns: Sequence[str]) -> str:
    """Suggest a name: what all columns begin with, or their names joined.

    Examples
    --------
    >>> attribute_name(["race_white", "race_black"]), attribute_name(["black", "hispan"])
    ('race', 'black or hispan')
    """
    return _shared(columns).strip(_SIGNS) or " or ".join(columns)


def group_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Name each column's group: what is left of its name without what all begin with.

    Examples
    --------
    >>> group_names(["race_white", "race_black"]), group_names(["black", "hispan"])
    (('white', 'black'), ('black', 'hispan'))
    """
    shared = len(_shared(columns))
    return tuple(name[shared:] for name in columns)


def _shared(columns: Sequence[str]) -> str:
    """Return what all names begin with, up to a sign that parts words; empty if there is none."""
    least, most = min(columns), max(columns)
    same = next(
        (i for i, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), len(least)
    )
    end = max((i + 1 for i in range(same) if least[i] in _SIGNS), default=0)
    # A column that is called by the shared part alone has no name left.
    return least[:end] if end < min(map(len, columns)) else ""


def _made(table: Table, name: str, columns: tuple[str, ...]) -> Table:
    names = [column.name for column in table.columns]
    _check(table, name, columns, names)
    held = np.column_stack([_ones(table, column) for column in columns])
    several, none = int((held.sum(axis=1) > 1).sum()), int((held.sum(axis=1) == 0).sum())
    groups: Objects = np.array(group_names(columns), dtype=object)
    values = np.where(held.sum(axis=1) == 1, groups[held.argmax(axis=1)], None)
    made = pd.Series(values, index=table.frame.index, dtype=object)
    kept = {
        (name if column == columns[0] else column): (
            made if column == columns[0] else table.frame[column]
        )
        for column in names
        if column == columns[0] or column not in columns
    }
    frame = pd.DataFrame(kept)
    kinds = {column.name: column.kind for column in table.columns if column.name in kept}
    listed = ", ".join(f"“{column}”" for column in columns)
    told = (
        f"Made of the columns {listed}, which are no columns of their own any more; a row has the "
        "group whose column holds 1."
    )
    repairs = [Repair(told, len(frame) - several - none, name)]
    if none:
        what = "Rows with 1 in none of its columns are of unknown group."
        repairs.append(Repair(what, none, name))
    if several:
        what = "Rows with 1 in several of its columns are of unknown group."
        repairs.append(Repair(what, several, name))
    return replace(
        table,
        frame=frame,
        columns=describe(frame, {**kinds, name: Kind.CATEGORY}),
        repairs=(*table.repairs, *repairs),
        source_hashes={key: item for key, item in table.source_hashes.items() if key in kept},
    )


def _check(table: Table, name: str, columns: tuple[str, ...], names: list[str]) -> None:
    if len(columns) < 2:
        raise InputError(
            "an attribute is put together of two or more columns",
            where=repr(name),
            remedy="Name the columns of 0 and 1 that are its groups",
        )
    for column in columns:
        if column not in names:
            raise InputError(
                "there is no such column", where=repr(column), remedy=near(column, names)
            )
        if columns.count(column) > 1:
            raise InputError("it is named twice", where=f"column {column!r}", remedy="Name it once")
    if not name.strip() or (name in names and name not in columns):
        raise InputError(
            "there is a column of that name, which would be lost"
            if name.strip()
            else "the attribute has no name",
            where=repr(name),
            remedy="Choose another name",
        )


def _ones(table: Table, name: str) -> Flags:
    found = ones(table, name)
    if found is not None:
        return found
    raise InputError(
        "it holds other values than 0 and 1, so it is no group of an attribute",
        where=f"column {name!r}",
        remedy="Name only columns that hold 1 for who is in the group, and 0 for all others",
    )


def ones(table: Table, name: str) -> Flags | None:
    """Tell which rows of a column hold 1; None if it holds anything but 0, 1 and blanks."""
    series = table.frame[name]
    kind = table.column(name).kind
    if kind in (Kind.NUMBER, Kind.BOOLEAN) and series.dtype.kind in "biuf":
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        if set(values[~np.isnan(values)].tolist()) <= {0.0, 1.0}:
            return np.asarray(values == 1.0, dtype=np.bool_)
    elif kind is Kind.BOOLEAN:
        return np.asarray((series == "true").to_numpy(), dtype=np.bool_)
    return None
