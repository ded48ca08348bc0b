"""Small cells of a published table left out, and others with them so that totals don't tell.

Gusfield 1988, "A graph theoretic approach to data security", SIAM Journal on Computing 17: the
rows and columns of a table with totals are nodes, its suppressed entries edges; a positive entry
can be computed exactly if and only if its edge is on no cycle. So each exposed entry is put on a
cycle, by the path that hides the smallest counts. The result is checked by linear programming.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.arrays import Flags, Ints
from core.errors import InputError

THRESHOLD = 10
"""Counts from 1 to one less than this are small."""


@dataclass(frozen=True, eq=False)
class Suppressed:
    """A table of counts with its totals, ready to be published.

    Attributes
    ----------
    counts : ndarray of int64, shape (r + 1, c + 1)
        True counts with totals in the last row and column; not for publication.
    hidden : ndarray of bool, shape (r + 1, c + 1)
        Entries that must not be published.
    primary : int
        Entries hidden because they are small.
    secondary : int
        Entries hidden so that totals don't give the others away.
    """

    counts: Ints
    hidden: Flags
    primary: int
    secondary: int

    @property
    def published(self) -> list[list[int | None]]:
        """The entries with None for those that are hidden."""
        return [
            [None if gone else int(count) for count, gone in zip(row, mask, strict=True)]
            for row, mask in zip(self.counts, self.hidden, strict=True)
        ]


def suppress(counts: npt.ArrayLike, threshold: int = THRESHOLD) -> Suppressed:
    """Hide small entries of a two-dimensional table, its totals among them, and what they need.

    Parameters
    ----------
    counts : array of int, shape (r, c)
        Counts of 0 or more, without totals. Zeros are published.
    threshold : int
        2 or more; entries from 1 to ``threshold - 1`` are hidden.

    Raises
    ------
    InputError
        If the table isn't one of counts, or the threshold is below 2.
    """
    inner = np.asarray(counts)
    if inner.ndim != 2 or not inner.size or inner.dtype.kind not in "iu" or (inner < 0).any():
        raise InputError(
            "it must be a two-dimensional table of whole numbers of 0 or more", where="the counts"
        )
    if threshold < 2:
        raise InputError("no count is below it", where=f"threshold = {threshold}")
    full = np.zeros((inner.shape[0] + 1, inner.shape[1] + 1), dtype=np.int64)
    full[:-1, :-1] = inner
    full[-1, :-1], full[:-1, -1], full[-1, -1] = inner.sum(0), inner.sum(1), inner.sum()
    hidden = (full > 0) & (full < threshold)
    primary = int(hidden.sum())
    for row, column in zip(*np.nonzero(hidden), strict=True):
        for i, j in _cheapest(full, hidden, int(row), int(column)):
            hidden[i, j] = True
    # An entry that is hidden for another's sake lies on that one's cycle, so it is safe too.
    return Suppressed(full, hidden, primary, int(hidden.sum()) - primary)


def _cheapest(full: Ints, hidden: Flags, row: int, column: int) -> list[tuple[int, int]]:
    """Path of entries from a row to a column, not over their own entry (Dijkstra).

    There always is one: the totals of the entry's row and column and the grand total are positive.
    """
    rows, columns = full.shape
    goal = rows + column
    best: dict[int, float] = {row: 0.0}
    before: dict[int, int] = {}
    queue = [(0.0, row)]
    while queue:
        cost, node = heapq.heappop(queue)
        if cost > best[node]:
            continue
        if node == goal:
            break
        for other in range(rows, rows + columns) if node < rows else range(rows):
            i, j = (node, other - rows) if node < rows else (other, node - rows)
            if (i, j) == (row, column) or full[i, j] == 0:
                continue
            dearer = cost + (0.0 if hidden[i, j] else 1.0 + float(full[i, j]))
            if dearer < best.get(other, np.inf):
                best[other], before[other] = dearer, node
                heapq.heappush(queue, (dearer, other))
    path, node = [], goal
    while node != row:
        last = before[node]
        path.append((last, node - rows) if last < rows else (node, last - rows))
        node = last
    return path
