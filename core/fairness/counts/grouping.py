"""Which row belongs to which group: the one place where sensitive values become groups."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from core.arrays import Array, Ints
from core.data.roles.group_labels import EVERYONE, SEPARATOR, columns_needed, group_label
from core.data.table import MISSING
from core.errors import InputError

Group = tuple[str, ...]

COUNTED_CODES = 10_000_000
"""Up to so many possible combinations a count per combination is quicker than a sort."""


@dataclass(frozen=True, eq=False)
class Grouped(ABC):
    """Whatever has groups that can be merged, as rows and cubes do.

    Attributes
    ----------
    attributes : tuple of str, length s
        The sensitive columns; empty for everyone together.
    groups : tuple of tuples of str, length g
        The combinations of values that occur, sorted.
    """

    attributes: tuple[str, ...]
    groups: tuple[Group, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Each group's name, "Female · Black"."""
        return tuple(group_name(group) for group in self.groups)

    @property
    def labels(self) -> tuple[str, ...]:
        """Each group as people read it, "afam = yes, sex = Female"; keys go by its name."""
        beside = columns_needed(self.groups)
        return tuple(group_label(self.named(p), beside) for p in range(len(self.groups)))

    def named(self, position: int) -> tuple[tuple[str, str], ...]:
        """Pairs of attribute and value of the group at a position."""
        return tuple(zip(self.attributes, self.groups[position], strict=True))

    @abstractmethod
    def merged(
        self, attributes: tuple[str, ...], groups: tuple[Group, ...], position: Ints
    ) -> Self:
        """Merge groups: each goes to the place among ``groups`` that stands at its own."""

    def marginal(self, attributes: Sequence[str]) -> Self:
        """Collapse to some of the attributes; by none, everyone is one group."""
        groups, position = collapse(self.attributes, self.groups, attributes)
        return self.merged(tuple(attributes), groups, position)

    def overall(self) -> Self:
        """Everyone as one group."""
        return self.marginal(())


@dataclass(frozen=True, eq=False)
class Grouping(Grouped):
    """Every row's group.

    Attributes
    ----------
    attributes : tuple of str, length s
        The sensitive columns.
    groups : tuple of tuples of str, length g
        The combinations of values that occur, sorted; one value for each attribute.
    codes : ndarray of int64, shape (n,)
        Each row's position in ``groups``.
    """

    codes: Ints

    def __len__(self) -> int:
        return len(self.codes)

    def merged(
        self, attributes: tuple[str, ...], groups: tuple[Group, ...], position: Ints
    ) -> Self:
        """Merge groups: each goes to the place among ``groups`` that stands at its own."""
        return replace(self, attributes=attributes, groups=groups, codes=position[self.codes])


def group_name(group: Group) -> str:
    """Join a group's values, "Female · Black"; by no attribute it is everyone."""
    return SEPARATOR.join(group) or EVERYONE


def sum_groups(cells: Array, position: Ints, groups: int) -> Array:
    """Sum cells of shape (old groups, ...) over groups that have a new position in common."""
    out = np.zeros((groups, *cells.shape[1:]), dtype=cells.dtype)
    np.add.at(out, position, cells)
    return out


def group_rows(sensitive: pd.DataFrame) -> Grouping:
    """Group rows by the combinations of sensitive values that occur, by position.

    Parameters
    ----------
    sensitive : DataFrame, shape (n, s)
        Text, categorical or any other values, which are shown as text. A missing value puts its
        row into the visible group "(missing)". The index is not looked at.

    Raises
    ------
    InputError
        If there is no column, no row, two columns of one name, or two groups that would be shown
        under one name.
    """
    attributes = tuple(str(name) for name in sensitive.columns)
    if not attributes:
        raise InputError(
            "no sensitive column was given", remedy="Choose at least one column to compare by"
        )
    for name in attributes:
        if attributes.count(name) > 1:
            raise InputError("this sensitive column was given twice", where=name)
    if not len(sensitive):
        raise InputError("there are no rows to compare", where=", ".join(attributes))
    codes = np.zeros(len(sensitive), dtype=np.int64)
    groups: list[Group] = [()]
    for position in range(len(attributes)):
        new_codes, names = _factorise(sensitive.iloc[:, position])
        codes, present = _compact(codes * len(names) + new_codes, len(groups) * len(names))
        groups = [(*groups[code // len(names)], names[code % len(names)]) for code in present]
    _check_names(attributes, groups)
    return Grouping(attributes, tuple(groups), codes)


def _check_names(attributes: tuple[str, ...], groups: list[Group]) -> None:
    """Refuse groups of one name, as ("a · b", "c") and ("a", "b · c") are: figures go by names."""
    names: set[str] = set()
    for group in groups:
        name = group_name(group)
        if name in names:
            raise InputError(
                f"two different groups would both be called {name!r}",
                where=" and ".join(f"column {attribute!r}" for attribute in attributes),
                remedy="Rename values that hold a ' · '",
            )
        names.add(name)


def collapse(
    attributes: tuple[str, ...], groups: tuple[Group, ...], kept: Sequence[str]
) -> tuple[tuple[Group, ...], Ints]:
    """Merge groups that differ only in attributes that are not kept.

    Returns
    -------
    tuple of the merged groups, sorted, and each old group's position among them.
    """
    for name in kept:
        if name not in attributes:
            raise InputError(
                "this is not one of the sensitive columns",
                where=name,
                remedy=f"Choose among: {', '.join(attributes)}",
            )
    columns = [attributes.index(name) for name in kept]
    shortened = [tuple(group[column] for column in columns) for group in groups]
    merged = sorted(set(shortened))
    lookup = {group: position for position, group in enumerate(merged)}
    return tuple(merged), np.array([lookup[group] for group in shortened], dtype=np.int64)


def _factorise(column: pd.Series[str]) -> tuple[Ints, list[str]]:
    """Code a column by its sorted text values; missing values become one of them."""
    codes, distinct = pd.factorize(column)
    texts = [str(value) for value in distinct]
    used = set(texts)
    if (codes < 0).any():
        used.add(MISSING)
    names = sorted(used)
    lookup = {name: position for position, name in enumerate(names)}
    # The last entry answers code -1, by which pandas marks a missing value.
    recode = np.array([lookup[text] for text in texts] + [lookup.get(MISSING, -1)], dtype=np.int64)
    return recode[codes], names


def _compact(codes: Ints, size: int) -> tuple[Ints, list[int]]:
    """Renumber codes below ``size`` so that only those that occur are left, in order."""
    if size > COUNTED_CODES:
        present, renumbered = np.unique(codes, return_inverse=True)
        return renumbered.astype(np.int64), present.tolist()
    occurs = np.bincount(codes, minlength=size) > 0
    return (np.cumsum(occurs) - 1)[codes], np.flatnonzero(occurs).tolist()
