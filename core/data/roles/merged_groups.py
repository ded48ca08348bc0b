"""Values of a sensitive column that are counted as one group, as a person said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from core.arrays import Ints
from core.data.labels import canonical, near
from core.data.table import MISSING, Repair
from core.errors import InputError

MergedGroups = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Sensitive column, name of the group, and the values that are counted under it."""

_TOLD = 10


def check_merged_groups(sensitive: Sequence[str], merged_groups: MergedGroups) -> None:
    """Refuse what can be refused without looking at rows.

    Raises
    ------
    InputError
        If a column is not sensitive, a group has no name, no value or is named twice, or a value
        would be counted twice.
    """
    names: set[tuple[str, str]] = set()
    seen: dict[tuple[str, str], str] = {}
    for column, given, values in merged_groups:
        where, name = f"column {column!r}", canonical(given)
        if column not in sensitive:
            raise InputError(
                "its groups are merged, but it is not sensitive",
                where=where,
                remedy="Choose it as sensitive, or leave this out",
            )
        if name.casefold().strip("() ") in ("", MISSING.strip("()")):
            raise InputError(
                f"values can't be counted as {MISSING}, which are the rows without one"
                if name.strip("() ")
                else "a merged group has no name",
                where=where,
                remedy="Name the group, such as 'Other'",
            )
        if (column, name) in names:
            raise InputError(
                f"the group {name!r} is made twice",
                where=where,
                remedy="List all its values at once",
            )
        names.add((column, name))
        if not set(map(canonical, values)) - {name}:
            raise InputError(
                f"no other value is put under {name!r}",
                where=where,
                remedy="Name the values that are counted as it",
            )
        for value in map(canonical, values):
            if (column, value) in seen:
                raise InputError(
                    f"the value {value!r} is put under {seen[column, value]!r} and {name!r}"
                    if seen[column, value] != name
                    else f"the value {value!r} is put under {name!r} twice",
                    where=where,
                    remedy="Name it once",
                )
            seen[column, value] = name
    for (column, value), name in seen.items():
        if value != name and (column, value) in names:
            raise InputError(
                f"{value!r} is a group that others are put under, and is itself put under {name!r}",
                where=f"column {column!r}",
                remedy=f"Put all of them under {name!r}",
            )


def in_order(sensitive: Sequence[str], merged_groups: MergedGroups) -> MergedGroups:
    """Write the same mapping in one way, whatever the order in which it was told.

    A group's own name is not among its values.
    """
    found = (
        (column, canonical(name), tuple(sorted(set(map(canonical, values)) - {canonical(name)})))
        for column, name, values in merged_groups
    )
    return tuple(sorted(found, key=lambda item: (sensitive.index(item[0]), item[1])))


def name_of_value(merged_groups: MergedGroups, column: str) -> dict[str, str]:
    """Name of the group under which each value of a column is counted, if it is put under one."""
    return {
        canonical(value): canonical(name)
        for of, name, values in merged_groups
        if of == column
        for value in values
    }


def merged_names(names: Iterable[str], merged_groups: MergedGroups, column: str) -> tuple[str, ...]:
    """Put declared names together as rows are; each once, in their order.

    Nothing is read from rows, so what was public or guaranteed of the names holds of the result.
    """
    under = name_of_value(merged_groups, column)
    return tuple(dict.fromkeys(under.get(name, name) for name in names))


def merge_groups(
    groups: pd.Series,
    merged_groups: MergedGroups,
    repairs: list[Repair],
    rows: Ints | None = None,
) -> pd.Series:
    """Count values as the groups under which they were put.

    Parameters
    ----------
    groups : Series of str, shape (n,)
        Named by its column.
    merged_groups : tuple
        Of any columns; checked by :func:`check_merged_groups`.
    repairs : list of Repair
        What was put together is appended, with numbers of rows.
    rows : ndarray of int64, shape (n,), optional
        Rows that each entry stands for; by default one.

    Returns
    -------
    Series of str, shape (n,)

    Raises
    ------
    InputError
        If a value is not there, or one value alone would get another name.
    """
    column = str(groups.name)
    entries = [(name, values) for of, name, values in merged_groups if of == column]
    if not entries:
        return groups
    ones = np.ones(len(groups), dtype=np.int64) if rows is None else rows
    counts = pd.Series(ones).groupby(groups.to_numpy(dtype=object)).sum()
    there = {str(value): int(count) for value, count in counts.items()}
    for _, name, values in in_order([column], tuple((column, *entry) for entry in entries)):
        for value in values:
            if value not in there:
                raise InputError(
                    f"there is no value {value!r} to be counted as {name!r}",
                    where=f"column {column!r}",
                    remedy=near(value, tuple(there)),
                )
        if len(values) == 1 and name not in there:
            raise InputError(
                f"{values[0]!r} alone would be called {name!r}, and nothing would be merged",
                where=f"column {column!r}",
                remedy="Add another value, or name a group that is there",
            )
        parts = [f"{value} ({_rows(there[value])})" for value in values]
        total = sum(there[value] for value in values)
        if len(parts) > _TOLD:
            parts = [*parts[:_TOLD], f"{len(parts) - _TOLD} more"]
        listed = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
        are = "are" if len(values) > 1 else "is"
        repairs.append(Repair(f"{listed} {are} counted as {name!r}.", total, column))
    under = name_of_value(merged_groups, column)
    merged = [under.get(value, value) for value in groups]
    return pd.Series(merged, index=groups.index, dtype=object, name=groups.name)


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def merged_groups_to_json(merged_groups: MergedGroups) -> dict[str, dict[str, list[str]]]:
    """Write by column and group: ``{"race": {"Other": ["Asian", "Native American"]}}``."""
    out: dict[str, dict[str, list[str]]] = {}
    for column, name, values in merged_groups:
        out.setdefault(column, {})[name] = list(values)
    return out


def merged_groups_from_json(record: Mapping[str, Mapping[str, Sequence[str]]]) -> MergedGroups:
    """Read it back."""
    return tuple(
        (column, name, tuple(values))
        for column, groups in record.items()
        for name, values in groups.items()
    )
