"""Exact interventional Shapley values of trees, for many rows at once.

Definition
----------
A leaf is reached by a row that passes every test on its path. Tests on columns of one player (one
feature, as a person has it) are passed together or not at all. For a row x and a background row z,
let A be the players of the path that only x passes and B those that only z passes; where some
player is passed by neither, the leaf has no say. Otherwise a coalition S reaches it exactly if it
holds all of A and none of B, so that each player of A gets v (|A| − 1)! |B|! / (|A| + |B|)! and
each of B −v |A|! (|B| − 1)! / (|A| + |B|)! (Lundberg et al. 2020, "From local explanations to
global understanding", Algorithm 3). The mean over z is exact.

What a leaf adds for x hangs only on which players x fails, one bit each. A tree is walked once for
all rows together; at a leaf the values of each set of failed players that occurs are worked out
once and handed to the rows that have it, so that thousands of rows cost little more than a few.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.arrays import Flags, Floats, Ints

if TYPE_CHECKING:
    from core.explanation.attribution.tree_ensembles import Tree, TreeSum

DEEPEST = 64
"""Players on one path; each is a bit."""

_FACTORIAL = [float(factorial(k)) for k in range(2 * DEEPEST + 1)]
KNOWN_WEIGHT = np.array(
    [
        [_FACTORIAL[a - 1] * _FACTORIAL[b] / _FACTORIAL[a + b] if a else 0.0 for b in range(64)]
        for a in range(64)
    ]
)
"""Weight of a player that must be known, by |A| and |B|; the other's is its transpose."""

_TABLE = 12
"""Up to so many players of a leaf, sets of them are positions in a table."""
_CHUNK = 16_384
"""Rows walked together: what a tree needs of them stays in the processor's cache."""

Bits = npt.NDArray[np.integer[Any]]


def tree_shapley(found: TreeSum, encoded: Floats, behind: Floats) -> Floats:
    """Exact interventional Shapley values, shape (n, players).

    Parameters
    ----------
    found : TreeSum
    encoded, behind : ndarray, shape (n, c) and (m, c)
        Rows to explain, and those to compare with.
    """
    if found.single:
        # Back in doubles: beside a single, a threshold would be rounded before it is compared.
        encoded, behind = (X.astype(np.float32).astype(np.float64) for X in (encoded, behind))
    owner, features = found.players(encoded.shape[1])
    players = max(features, int(owner.max(initial=-1)) + 1)
    out = np.empty((len(encoded), features))
    for begin in range(0, len(encoded), _CHUNK):
        rows = encoded[begin : begin + _CHUNK]
        walk = _Walk(rows, behind, owner, players)
        for tree in found.trees:
            walk.add(tree)
        out[begin : begin + _CHUNK] = walk.out[:features].T / len(behind)
    return out


class _Walk:
    """Some rows and the background beside each other, and what the trees so far add for the rows.

    Both are walked as one: the first ``rows`` positions are rows to explain.
    """

    def __init__(self, rows: Floats, behind: Floats, owner: Ints, players: int):
        self._rows = len(rows)
        self._columns = np.ascontiguousarray(np.concatenate([rows, behind]).T)
        self._missing: dict[int, Flags] = {
            int(j): np.isnan(self._columns[j])
            for j in np.flatnonzero(np.isnan(self._columns).any(axis=1))
        }
        self._owner = owner
        self.out: Floats = np.zeros((players, len(rows)))

    def add(self, tree: Tree) -> None:
        """Add what one tree says."""
        several = len(np.unique(self._owner[tree.feature[tree.left >= 0]]))
        dtype: Any = np.uint16 if several <= 16 else np.uint32 if several <= 32 else np.int64
        nobody_fails: Bits = np.zeros(self._columns.shape[1], dtype)
        # Each node with the players on its path, in the order of their bits, and who fails which.
        waiting: list[tuple[int, tuple[int, ...], Bits]] = [(0, (), nobody_fails)]
        while waiting:
            node, path, failed = waiting.pop()
            if tree.left[node] < 0:
                if tree.value[node] and path:
                    self._leaf(float(tree.value[node]), path, failed)
                continue
            column = int(tree.feature[node])
            player = int(self._owner[column])
            if player not in path:
                path = (*path, player)
                if len(path) >= DEEPEST:
                    raise ValueError(f"a path asks for {DEEPEST} features, {DEEPEST - 1} at most")
            to_left = self._columns[column] <= tree.cut[node]
            if column in self._missing and tree.missing_left[node]:
                to_left |= self._missing[column]
            bit = dtype(1 << path.index(player))
            for child, fails in ((tree.left[node], ~to_left), (tree.right[node], to_left)):
                waiting.append((int(child), path, failed | np.multiply(fails, bit, dtype=dtype)))

    def _leaf(self, value: float, path: tuple[int, ...], failed: Bits) -> None:
        size = len(path)
        own, theirs = failed[: self._rows], failed[self._rows :]
        back: npt.NDArray[np.integer[Any]] = own
        if size <= _TABLE:
            count = np.bincount(theirs, minlength=1 << size)
            there: Any = np.flatnonzero(count)
            count = count[there]
            here: Any = np.flatnonzero(np.bincount(own, minlength=1 << size))
        else:
            there, count = np.unique(theirs, return_counts=True)
            here, back = np.unique(own, return_inverse=True)
        alive = (here[:, None] & there) == 0
        if not alive.any():
            return
        worth = self._worth(value, size, here, there, alive * count)
        if size <= _TABLE:
            table = np.zeros((size, 1 << size))
            table[:, here] = worth
            worth = table
        for player, each in zip(path, worth, strict=True):
            self.out[player] += each[back]

    @staticmethod
    def _worth(value: float, size: int, here: Ints, there: Ints, count: Ints) -> Floats:
        """Values of each player, for each set of players that rows fail, shape (size, sets)."""
        only_x, only_z = np.bitwise_count(there), np.bitwise_count(here)
        bits = np.arange(size, dtype=here.dtype)[:, None]
        gain = (count * KNOWN_WEIGHT[only_x, only_z[:, None]]) @ ((there >> bits & 1) * value).T
        loss = (count * KNOWN_WEIGHT[only_z[:, None], only_x]).sum(axis=1) * value
        return np.asarray(gain.T - loss * (here >> bits & 1))
