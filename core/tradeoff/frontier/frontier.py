"""Pareto fronts, exactly.

A row is dominated if another is at least as good in every objective and better in one; equal rows
do not dominate each other (Ehrgott 2005, Multicriteria Optimization, definition 2.1). A row with
an undefined objective is in no front and is counted apart.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats


@dataclass(frozen=True, eq=False)
class Front:
    """Which rows no other row dominates.

    Attributes
    ----------
    member : ndarray of bool, shape (n,)
    undefined : ndarray of bool, shape (n,)
        Rows that took no part.
    reasons : tuple of (str, int)
        By objective, how many rows lack it; a row that lacks two is in both.
    """

    member: Flags
    undefined: Flags
    reasons: tuple[tuple[str, int], ...]


def pareto_front(losses: Floats, names: Sequence[str]) -> Front:
    """Find the rows that no other dominates.

    One to three objectives take n log n steps but for moving list items; more are compared row by
    row with the front so far.

    Parameters
    ----------
    losses : ndarray of float64, shape (n, m), m at least 1
        Less is better; ∞ is allowed, NaN is undefined.
        :meth:`core.tradeoff.frontier.axes.ParetoAxis.loss` turns figures into losses.
    names : sequence of str
        Of the m objectives.
    """
    lacking = np.isnan(losses)
    undefined = np.asarray(lacking.any(axis=1), dtype=np.bool_)
    member = np.zeros(len(losses), dtype=bool)
    defined = np.flatnonzero(~undefined)
    if len(defined):
        member[defined] = _non_dominated(losses[defined] + 0.0)  # −0.0 is 0.0
    counts = lacking.sum(axis=0)
    reasons = tuple(
        (f"{name} is not defined", int(count))
        for name, count in zip(names, counts, strict=True)
        if count
    )
    return Front(member, undefined, reasons)


def at_least_as_good(losses: Floats, row: int) -> Flags:
    """Mark the other rows that are at least as good as one in every objective, shape (n,)."""
    out: Flags = (losses <= losses[row]).all(axis=1)
    out[row] = False
    return out


def _non_dominated(losses: Floats) -> Flags:
    """Mark non-dominated rows; no NaN."""
    order = np.lexsort(losses.T[::-1])
    ordered = losses[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    # Distinct rows in ascending order: only an earlier one can dominate a later one.
    distinct = ordered[first]
    kept = _elimination(distinct) if losses.shape[1] > 3 else _staircase(distinct)
    out = np.empty(len(order), dtype=bool)
    out[order] = kept[np.cumsum(first) - 1]
    return out


def _staircase(ordered: Floats) -> Flags:
    """Sweep the first objective, keeping the front of the other two as a falling staircase.

    Kung, Luccio and Preparata (1975), On finding the maxima of a set of vectors, JACM 22.
    """
    last = np.zeros((len(ordered), 3 - ordered.shape[1]))
    # Two lists of numbers, not a list of pairs: a pair for each row is what Python's garbage
    # collector counts, and each few hundred of them set it to walk over all that is alive.
    second, third = np.hstack([ordered, last])[:, 1:].T.tolist()
    kept = np.zeros(len(ordered), dtype=bool)
    across: list[float] = []  # ascending
    down: list[float] = []  # strictly descending
    for position, (y, z) in enumerate(zip(second, third, strict=True)):
        here = bisect_right(across, y)
        if here and down[here - 1] <= z:
            continue
        kept[position] = True
        start = bisect_left(across, y)
        stop = start
        while stop < len(down) and down[stop] >= z:
            stop += 1
        across[start:stop] = [y]
        down[start:stop] = [z]
    return kept


def _elimination(ordered: Floats) -> Flags:
    """Compare each row with the front so far."""
    kept = np.zeros(len(ordered), dtype=bool)
    front = np.empty_like(ordered)
    size = 0
    for position, row in enumerate(ordered):
        if size and (front[:size] <= row).all(axis=1).any():
            continue
        kept[position] = True
        front[size] = row
        size += 1
    return kept
