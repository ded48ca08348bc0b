"""Groups of cells that came out of an engine, named and checked as rows in memory are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.arrays import Ints, Objects
from core.data.roles.groups import bin_names, group
from core.data.roles.merged_groups import MergedGroups, merge_groups
from core.data.roles.role_checks import MANY_GROUPS, MANY_TOGETHER
from core.data.roles.unknown_values import UNKNOWN_ROWS
from core.data.table import MISSING, Repair
from core.errors import InputError


def cell_groups(
    cells: Mapping[str, Ints | pd.Series],
    edges: Mapping[str, tuple[float, ...]],
    rows: Ints,
    notes: list[Repair],
    merged_groups: MergedGroups = (),
) -> pd.DataFrame:
    """Name the groups of cells, in the order of :func:`core.data.assign.assign`.

    Parameters
    ----------
    cells : mapping of str to ndarray of int64 or Series, shape (cells,)
        By sensitive column: codes of bins (-1 where there is no number) where there are edges,
        else values.
    edges : mapping of str to tuple of float
    rows : ndarray of int64, shape (cells,)
        That each cell stands for.
    notes : list of Repair
        What there is to tell is appended.
    merged_groups : tuple
        As in :class:`core.data.roles.roles.Roles`.

    Returns
    -------
    DataFrame of str, shape (cells, columns)

    Raises
    ------
    InputError
        If a bin is empty, a value to be put together is not there, all rows are of one group, or
        there are too many groups.
    """
    found: dict[str, Objects] = {}
    for name, values in cells.items():
        if name in edges:
            texts = pd.Series(_binned(name, np.asarray(values), edges[name]), name=name)
        else:
            texts = group(pd.Series(values)).rename(name)
        found[name] = merge_groups(texts, merged_groups, notes, rows).to_numpy(dtype=object)
        _note(name, found[name], rows, notes)
    alone = [name for name, values in found.items() if len(set(values)) == 1]
    if len(alone) == len(found):
        named = " and ".join(repr(name) for name in alone)
        raise InputError(
            f"all rows are of only one group, {found[alone[0]][0]!r}: nothing to compare",
            where=f"column {named}",
            remedy="Choose a sensitive column with at least two groups",
        )
    for name in alone:
        what = "All rows are of one group: nothing to compare."
        notes.append(Repair(what, int(rows.sum()), name))
    groups = pd.DataFrame(found)
    combined = len(groups.drop_duplicates())
    if combined > MANY_TOGETHER:
        raise InputError(
            f"together they make {combined} groups, too many to compare",
            where=" and ".join(f"column {name!r}" for name in found),
            remedy=f"Choose fewer columns, or wider bins, for at most {MANY_TOGETHER} groups",
        )
    return groups


def _binned(name: str, code: Ints, edges: tuple[float, ...]) -> Objects:
    names = bin_names(edges)
    empty = sorted(set(range(len(names))) - set(code.tolist()))
    if empty:
        raise InputError(
            f"no row falls into the bin {names[empty[0]]!r}",
            where=f"column {name!r}",
            remedy="Move or remove the edge",
        )
    # The code -1 of a missing number answers with the last name.
    out: Objects = np.array([*names, MISSING], dtype=object)[code]
    return out


def _note(name: str, values: Objects, rows: Ints, notes: list[Repair]) -> None:
    by_name = pd.Series(rows).groupby(values).sum()
    if len(by_name) > MANY_GROUPS:
        raise InputError(
            f"it has {len(by_name)} groups, too many to compare",
            where=f"column {name!r}",
            remedy=f"Choose a column of at most {MANY_GROUPS} groups, or merge groups",
        )
    if MISSING in by_name.index:
        notes.append(Repair(UNKNOWN_ROWS, int(by_name[MISSING]), name))
    folded: dict[str, str] = {}
    for value in map(str, by_name.index):
        other = folded.setdefault(value.casefold(), value)
        if other != value:
            what = f"Groups {other!r} and {value!r} differ only by case and were kept apart."
            notes.append(Repair(what, int(by_name[other] + by_name[value]), name))
