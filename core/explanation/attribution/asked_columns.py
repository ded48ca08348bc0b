"""The columns that trees of a model made elsewhere ask, made of those that the model gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.arrays import Flags, Floats, Ints
from core.external_models.tree_arrays import TreeArrays

_ZERO = 1e-35
"""Up to here LightGBM takes a number for zero."""


class AskedColumns:
    """Columns that thresholds alone decide: a list of values becomes 0 in it and 1 outside.

    Attributes
    ----------
    of_node : ndarray of int64, shape (nodes,)
        Which of them each node asks.
        Those of mixes are numbered behind all others.
    source : ndarray of int64
        From which column of the model each is made.
    mixes : tuple of Mix
        Of these columns.
    """

    def __init__(self, found: TreeArrays):
        known: dict[tuple[int, bool, bytes | None], int] = {}
        self._lists: list[Ints | None] = []
        self._zero: list[bool] = []
        source: list[int] = []
        self.of_node: Ints = np.full(len(found.left), -1)
        width = len(found.owner)

        def made(column: int, *, zero: bool = False, members: Ints | None = None) -> int:
            name = (column, zero, None if members is None else members.tobytes())
            if name not in known:
                known[name] = len(source)
                source.append(column)
                self._lists.append(members)
                self._zero.append(zero)
            return known[name]

        self.mixes = tuple(
            replace(mix, columns=np.array([made(column) for column in mix.columns.tolist()]))
            for mix in found.mixes
        )
        for node in np.flatnonzero(found.left >= 0):
            number = found.choice[node]
            members = None
            if number >= 0:
                begin, end = found.list_start[number : number + 2]
                members = np.sort(found.members[begin:end])
            column = int(found.column[node])
            self.of_node[node] = (
                made(column, zero=bool(found.zero_missing[node]), members=members)
                if column < width
                else column
            )
        # How many columns come before the mixes is known only now.
        mixed = (found.left >= 0) & (found.column >= width)
        self.of_node[mixed] += len(source) - width
        self.source: Ints = np.array(source, dtype=np.int64)

    def values(self, given: Floats) -> Floats:
        """Make them from the model's own columns, shape (n, c)."""
        made = given[:, self.source]
        for place, (members, zero) in enumerate(zip(self._lists, self._zero, strict=True)):
            held = made[:, place]
            missing: Flags = np.isnan(held)
            if zero:
                missing = missing | (np.abs(held) <= _ZERO)
            if members is not None:
                held = (~np.isin(held, members)).astype(np.float64)
            if zero or members is not None:
                made[:, place] = np.where(missing, np.nan, held)
        return made
