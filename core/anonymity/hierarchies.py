"""Generalisation hierarchies: what a value becomes, level by level, until it is "*".

A hierarchy says how; :func:`climb` applies it to a column's values and checks that each level only
joins groups of the one below, on which the search for the best levels relies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from core.anonymity.equivalence_classes import Coded
from core.arrays import Floats, Ints
from core.data.labels import canonical
from core.data.table import MISSING
from core.errors import InputError
from core.storage.json_format import fields_json, from_json, json_form

ALL = "*"
"""The value that says nothing."""

MOST_DIGITS = 100
"""Longest code that is shortened sign by sign; a recipe of a longer one would fill the memory."""


@dataclass(frozen=True)
class Ranges:
    """Numbers become ranges [low, high) of widening width; edges are multiples of the width.

    Attributes
    ----------
    column : str
    widths : tuple of float
        Ascending, each a whole multiple of the one before.
    """

    column: str
    widths: tuple[float, ...]
    kind: Literal["ranges"] = "ranges"


@dataclass(frozen=True)
class Tree:
    """Categories become groups of groups.

    Attributes
    ----------
    column : str
    levels : tuple of tuple of (str, str)
        For each level above the value itself, pairs of value and group; a value that is not named
        stays as it is. "*" need not be given.
    """

    column: str
    levels: tuple[tuple[tuple[str, str], ...], ...]
    kind: Literal["tree"] = "tree"


@dataclass(frozen=True)
class Dates:
    """Dates become their day, month, year."""

    column: str
    kind: Literal["dates"] = "dates"


@dataclass(frozen=True)
class Digits:
    """Postcodes lose one sign after another from the right, "12345" → "1234*" → "123**".

    Attributes
    ----------
    column : str
    length : int
        Shorter values are filled with zeros on the left if they are digits, else with "*" on the
        right.
    """

    column: str
    length: int
    kind: Literal["digits"] = "digits"


Hierarchy = Ranges | Tree | Dates | Digits


def _by_group(tree: Tree) -> dict[str, Any]:
    levels: list[dict[str, list[str]]] = []
    for level in tree.levels:
        levels.append({})
        for value, group in level:
            levels[-1].setdefault(group, []).append(value)
    return fields_json(tree) | {"levels": levels}


def _by_value(record: Any) -> dict[str, Any]:
    levels = [[[v, group] for group in level for v in level[group]] for level in record["levels"]]
    for level in levels:
        if len({value for value, _ in level}) < len(level):
            raise ValueError("a value is in two groups of one level")
    return {**record, "levels": levels}


def _of_kind(record: Any) -> Any:
    kinds = {kind.kind: kind for kind in (Ranges, Tree, Dates, Digits)}
    if not isinstance(record, dict) or record.get("kind") not in kinds:
        raise ValueError(f"this is no hierarchy of kind {', '.join(kinds)}")
    return from_json(kinds[record["kind"]], record, f"hierarchy of {record.get('column')!r}")


json_form(Tree, write=_by_group, read=_by_value)
json_form(Hierarchy, read=_of_kind)


@dataclass(frozen=True, eq=False)
class GeneralisationLevels:
    """A column's distinct values at each level of its hierarchy.

    Attributes
    ----------
    coded : Coded
    groups : ndarray of int64, shape (levels, m)
        Group of each distinct value; at level 0 the value itself, at the last one group.
    labels : tuple of tuple of str
        Name of each group, by level.
    loss : ndarray of float64, shape (levels, m)
        What is lost of each value, in [0, 1]; see :mod:`core.anonymity.loss`.
    middle : ndarray of float64, shape (levels, m), or None
        For numbers, the middle of the range that a value became; NaN where nothing is known.
    """

    coded: Coded
    groups: Ints
    labels: tuple[tuple[str, ...], ...]
    loss: Floats
    middle: Floats | None

    @property
    def height(self) -> int:
        """Number of levels, the values themselves and "*" included."""
        return len(self.labels)


def climb(hierarchy: Hierarchy, coded: Coded) -> GeneralisationLevels:
    """Apply a hierarchy to a column.

    Raises
    ------
    InputError
        If the hierarchy doesn't fit the column, or a level parts what a lower one had joined.
    """
    steps = _steps(hierarchy, coded)
    m = len(coded.labels)
    groups, labels = [np.arange(m)], [coded.labels]
    for number, step in enumerate((*steps, (ALL,) * m), start=1):
        names = list(dict.fromkeys(step))
        codes = _positions(step)
        _check_nested(groups[-1], codes, coded, number)
        if number <= len(steps) and step == tuple(labels[-1][code] for code in groups[-1]):
            continue  # A level that changes nothing would only make the search longer.
        groups.append(codes)
        labels.append(tuple(names))
    if m == 1:
        groups, labels = groups[:1], labels[:1]
    loss = np.array([_leaf_loss(codes, m) for codes in groups])
    middle = None
    if coded.numbers is not None:
        loss, middle = _range_loss(labels, groups, loss, coded)
    return GeneralisationLevels(
        coded, np.array(groups, dtype=np.int64), tuple(labels), loss, middle
    )


def _positions(texts: tuple[str, ...]) -> Ints:
    where = {name: position for position, name in enumerate(dict.fromkeys(texts))}
    return np.array([where[name] for name in texts], dtype=np.int64)


def _check_nested(below: Ints, codes: Ints, coded: Coded, level: int) -> None:
    pairs = np.unique(np.stack([below, codes]), axis=1)
    parted = np.flatnonzero(np.bincount(pairs[0]) > 1)
    if len(parted):
        value = coded.labels[int(np.flatnonzero(below == parted[0])[0])]
        raise InputError(
            f"level {level} parts values that the level below had merged, among them {value!r}",
            where=f"hierarchy of column {coded.name!r}",
            remedy="Give all values of one group the same group on every higher level",
        )


def _leaf_loss(codes: Ints, m: int) -> Floats:
    size = np.bincount(codes)[codes].astype(np.float64)
    return (size - 1) / (m - 1) if m > 1 else np.zeros(m)


def _range_loss(
    labels: list[tuple[str, ...]], groups: list[Ints], loss: Floats, coded: Coded
) -> tuple[Floats, Floats]:
    """Loss of numbers by the width of their range, cut to the range of the data."""
    assert coded.numbers is not None
    known = coded.numbers[~np.isnan(coded.numbers)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    middle = np.full(loss.shape, np.nan)
    middle[0] = coded.numbers
    for level in range(1, len(labels)):
        for code, label in enumerate(labels[level]):
            rows = groups[level] == code
            ends = range_ends(label)
            if label == MISSING:
                loss[level, rows] = 0.0
            elif ends is not None:
                start, end = max(ends[0], low), min(ends[1], high)
                loss[level, rows] = (end - start) / (high - low) if high > low else 0.0
                middle[level, rows] = (start + end) / 2
    return loss, middle


def range_ends(label: str) -> tuple[float, float] | None:
    """Read the ends of a label like "[20, 30)"; None for any other."""
    if not (label.startswith("[") and label.endswith((")", "]"))):
        return None
    ends = label[1:-1].split(", ")
    try:
        return (float(ends[0]), float(ends[1])) if len(ends) == 2 else None
    except ValueError:
        return None


def _steps(hierarchy: Hierarchy, coded: Coded) -> tuple[tuple[str, ...], ...]:
    where = f"hierarchy of column {coded.name!r}"
    if hierarchy.column != coded.name:
        raise InputError(f"it is that of column {hierarchy.column!r}", where=where)
    if isinstance(hierarchy, Ranges):
        return _ranges(hierarchy, coded, where)
    if isinstance(hierarchy, Dates):
        if coded.dates is None:
            raise InputError("the column holds no dates", where=where, remedy="Use a tree")
        return tuple(
            tuple(
                label if label == MISSING else str(date.astype(f"datetime64[{unit}]"))
                for label, date in zip(coded.labels, coded.dates, strict=True)
            )
            for unit in "DMY"
        )
    if isinstance(hierarchy, Digits):
        return _digits(hierarchy, coded, where)
    known = set(coded.labels)
    levels = []
    for level in hierarchy.levels:
        named = dict(level)
        step = tuple(named.get(label, label) for label in coded.labels)
        for label, group in zip(coded.labels, step, strict=True):
            # A group that bears a value's name holds that value, or two things share a name.
            if not group.strip():
                raise InputError(f"the group of {label!r} has no name", where=where)
            if group in known and named.get(group, group) != group:
                raise InputError(
                    f"the group {group!r} bears the name of a value that is not in it",
                    where=where,
                    remedy="Give the group another name",
                )
        levels.append(step)
    return tuple(levels)


def _ranges(hierarchy: Ranges, coded: Coded, where: str) -> tuple[tuple[str, ...], ...]:
    if coded.numbers is None:
        raise InputError("the column holds no numbers", where=where, remedy="Use a tree")
    before = None
    for width in hierarchy.widths:
        if not (np.isfinite(width) and width > 0):
            raise InputError(f"the width {width:g} is not above 0", where=where)
        if width < float(np.nanmax(np.abs(coded.numbers), initial=0.0)) * 1e-15:
            raise InputError(
                f"the width {width:g} is too narrow for numbers of this size",
                where=where,
                remedy="Give wider ranges",
            )
        if before is not None:
            times = width / before
            if times < 1.5 or abs(times - round(times)) > 1e-9:
                raise InputError(
                    f"the width {width:g} is no larger whole multiple of {before:g}, so that its "
                    "ranges would cut across the narrower ones",
                    where=where,
                    remedy="Give widths like 5, 10, 20",
                )
        before = width
    levels = []
    for width in hierarchy.widths:
        # Each level is made from the number of the narrowest range, so that rounding can't part
        # what a lower level had joined.
        first = hierarchy.widths[0]
        ratio = coded.numbers / first
        nearest = np.round(ratio)
        # 0.3 is in the range that begins at 3 × 0.1, though their quotient is just below 3.
        on_edge = np.abs(ratio - nearest) <= 1e-9 * np.maximum(1.0, np.abs(ratio))
        lowest = np.where(on_edge, nearest, np.floor(ratio))
        index = np.floor(lowest / round(width / first))
        levels.append(
            tuple(
                MISSING if np.isnan(i) else f"[{_edge(i * width)}, {_edge((i + 1) * width)})"
                for i in index
            )
        )
    return tuple(levels)


def _edge(value: float) -> str:
    return canonical(float(f"{value:.12g}"))


def _digits(hierarchy: Digits, coded: Coded, where: str) -> tuple[tuple[str, ...], ...]:
    if not 1 <= hierarchy.length <= MOST_DIGITS:
        raise InputError(f"its length must be from 1 to {MOST_DIGITS}", where=where)
    longest = max((len(label) for label in coded.labels if label != MISSING), default=0)
    if longest > hierarchy.length:
        raise InputError(
            f"a value has {longest} signs, more than the length {hierarchy.length}", where=where
        )
    n = hierarchy.length
    full = [
        label
        if label == MISSING
        else label.rjust(n, "0")
        if label.isdigit()
        else label.ljust(n, "*")
        for label in coded.labels
    ]
    return tuple(
        tuple(text if text == MISSING else text[: n - masked] + "*" * masked for text in full)
        for masked in range(n)
    )
