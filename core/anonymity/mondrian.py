"""Mondrian: rows are halved along one column after another while both halves keep what was asked.

LeFevre, DeWitt and Ramakrishnan 2006, "Mondrian multidimensional k-anonymity", ICDE: strict
multidimensional partitioning with median cuts, the column whose values spread widest (relative to
the whole) first. Categories are ordered along their hierarchy, so that values of one group lie
together. No row is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.anonymity.equivalence_classes import Coded
from core.anonymity.hierarchies import ALL, GeneralisationLevels
from core.anonymity.measure import is_ordered
from core.anonymity.spec import AnonymisationTask, Found, Recoded
from core.arrays import Floats, Ints
from core.data.table import MISSING
from core.errors import InputError


def order_of(ladder: GeneralisationLevels) -> Ints:
    """Rank of each distinct value: numbers by value, categories along their hierarchy."""
    m = len(ladder.coded.labels)
    if ladder.coded.numbers is not None or ladder.coded.dates is not None:
        return np.arange(m, dtype=np.int64)
    order = np.lexsort(tuple(ladder.groups))
    ranks = np.empty(m, dtype=np.int64)
    ranks[order] = np.arange(m)
    return ranks


def mondrian(
    task: AnonymisationTask, *, narrowest_first: bool = False
) -> Iterator[tuple[float, Found | None]]:
    """Partition the rows.

    Parameters
    ----------
    task : AnonymisationTask
    narrowest_first : bool
        Try the columns in the opposite order, for a second release of the same rows.
    """
    allowed = _Allowed(task)
    if not allowed(np.arange(task.rows)):
        raise InputError(
            "even all rows together don't keep what was asked",
            where=f"k = {task.spec.k}, l = {task.spec.l}",
            remedy="Lower k or l",
        )
    ranks = [order_of(ladder) for ladder in task.ladders]
    values = np.stack([r[c.codes] for r, c in zip(ranks, task.columns, strict=True)])
    positions = [_positions(coded, rank) for coded, rank in zip(task.columns, ranks, strict=True)]
    classes = np.empty(task.rows, dtype=np.int64)
    stack = [np.arange(task.rows)]
    number = finished = reported = 0
    while stack:
        rows = stack.pop()
        halves = _halve(values, positions, rows, allowed, narrowest_first)
        if halves is not None:
            stack.extend(halves)
            continue
        classes[rows] = number
        number += 1
        finished += len(rows)
        if finished - reported > task.rows / 50:
            reported = finished
            yield 0.9 * finished / task.rows, None
    columns = tuple(_summarised(coded, classes, number) for coded in task.columns)
    kept = np.ones(task.rows, dtype=np.bool_)
    how = tuple((coded.name, "the range or set of its class") for coded in task.columns)
    yield 1.0, Found(columns, kept, how, f"{number:,} classes, and no row left out.")


class _Allowed:
    """Whether rows make a class that keeps what was asked."""

    def __init__(self, task: AnonymisationTask):
        self.spec = task.spec
        self.sensitive = None if task.sensitive is None else task.sensitive.codes
        self.ordered = task.sensitive is not None and is_ordered(task.sensitive)
        if task.sensitive is not None:
            m = len(task.sensitive.labels)
            self.width = m
            self.everyone = np.bincount(task.sensitive.codes, minlength=m) / task.rows

    def __call__(self, rows: Ints) -> bool:
        if len(rows) < self.spec.k:
            return False
        if self.sensitive is None or (self.spec.l is None and self.spec.t is None):
            return True
        counts = np.bincount(self.sensitive[rows], minlength=self.width)
        if self.spec.l is not None and np.count_nonzero(counts) < self.spec.l:
            return False
        if self.spec.t is None:
            return True
        gap = counts / len(rows) - self.everyone
        if not self.ordered:
            return bool(np.abs(gap).sum() / 2 <= self.spec.t + 1e-12)
        if self.width == 1:
            return True
        distance = np.abs(np.cumsum(gap)).sum() / (self.width - 1)
        return bool(distance <= self.spec.t + 1e-12)


def _positions(coded: Coded, ranks: Ints) -> Floats:
    """Where each rank lies on a line from 0 to 1; a missing value lies a whole length away."""
    m = len(coded.labels)
    if coded.numbers is not None:
        line = coded.numbers.copy()
    elif coded.dates is not None:
        line = coded.dates.astype(np.float64)
        line[np.isnat(coded.dates)] = np.nan
    else:
        return np.linspace(0.0, 1.0, m)
    known = line[~np.isnan(line)]
    extent = known.max() - known.min() if len(known) else 0.0
    line = (line - known.min()) / extent if extent > 0 else np.where(np.isnan(line), np.nan, 0.0)
    return np.where(np.isnan(line), -1.0, line)[np.argsort(ranks)]


def _halve(
    values: Ints, positions: list[Floats], rows: Ints, allowed: _Allowed, narrowest_first: bool
) -> tuple[Ints, Ints] | None:
    if len(rows) < 2 * allowed.spec.k:
        return None
    inside = values[:, rows]
    low, high = inside.min(axis=1), inside.max(axis=1)
    spread = np.array([p[b] - p[a] for p, a, b in zip(positions, low, high, strict=True)])
    order = np.argsort(spread if narrowest_first else -spread, kind="stable")
    for axis in order.tolist():
        if low[axis] == high[axis]:
            continue
        column = inside[axis]
        middle = np.partition(column, (len(column) - 1) // 2)[(len(column) - 1) // 2]
        # Strict: equal values stay together, so the cut is on one side of the median or the other.
        for left in (column <= middle, column < middle):
            first, second = rows[left], rows[~left]
            if allowed(first) and allowed(second):
                return first, second
    return None


def _summarised(coded: Coded, classes: Ints, number: int) -> Recoded:
    """Write each class's range or set of values."""
    order = np.lexsort((coded.codes, classes))
    of, codes = classes[order], coded.codes[order]
    new = np.ones(len(of), dtype=np.bool_)
    new[1:] = (of[1:] != of[:-1]) | (codes[1:] != codes[:-1])
    of, codes = of[new], codes[new]
    starts = np.searchsorted(of, np.arange(number + 1))
    m = len(coded.labels)
    labels, loss = [], np.zeros(number)
    middle = None if coded.numbers is None else np.full(number, np.nan)
    for position in range(number):
        found = codes[starts[position] : starts[position + 1]]
        label, loss[position] = described(coded, found, m)
        labels.append(label)
        if middle is not None and coded.numbers is not None:
            ends = coded.numbers[[found[0], found[-1]]]
            if not np.isnan(ends).any():
                middle[position] = ends.mean()
    return Recoded(coded.name, classes, tuple(labels), loss, middle)


def described(coded: Coded, found: Ints, m: int) -> tuple[str, float]:
    """Name the values of a class, ascending codes, and say what is lost of each."""
    if len(found) == 1:
        return coded.labels[int(found[0])], 0.0
    names = [coded.labels[int(code)] for code in found]
    if coded.numbers is None and coded.dates is None:
        if len(found) == m:
            return ALL, 1.0
        return " | ".join(names), (len(found) - 1) / (m - 1)
    if names[0] == MISSING:
        rest = names[1] if len(names) == 2 else f"[{names[1]}, {names[-1]}]"
        # The value may be anything or nothing: all is lost.
        return f"{rest} | {MISSING}", 1.0
    line = coded.numbers if coded.numbers is not None else coded.dates
    assert line is not None
    first = 1 if coded.labels[0] == MISSING else 0
    share = float((line[found[-1]] - line[found[0]]) / (line[-1] - line[first]))
    return f"[{names[0]}, {names[-1]}]", share
