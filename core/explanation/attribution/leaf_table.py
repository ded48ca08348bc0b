"""Exact Shapley values of single rows of a tree ensemble, with all that the background tells kept.

The definition is that of :mod:`core.explanation.attribution.tree_ensembles`: a leaf is a box, and
what it adds for a row x against a background row z hangs only on which of its features x passes and
which z passes. Which z passes is the same for every x. It is worked out once, for all leaves in
arrays, and rows of the background that pass the same features of a leaf are counted together. One
row then costs a few passes over those arrays: on Adult a forest of 80,000 leaves answers in
hundredths of a second.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Floats, Ints
from core.explanation.attribution.tree_ensembles import (
    DEEPEST,
    KNOWN_WEIGHT,
    Tree,
    TreeSum,
    within,
)


class LeafTable:
    """All leaves of a sum of trees, and what rows of a background pass of each.

    Parameters
    ----------
    trees : TreeSum
    behind : ndarray, shape (m, p)
        Encoded rows to compare with.
    """

    def __init__(self, trees: TreeSum, behind: Floats):
        self._single, self._count = trees.single, len(behind)
        behind = self._rounded(behind)
        parts = [_TreeLeaves(tree, behind) for tree in trees.trees]
        leaves = np.cumsum([0, *(len(part.value) for part in parts)])
        conditions = np.cumsum([0, *(len(part.feature) for part in parts)])
        # One row for each condition of a leaf on a feature, leaf by leaf.
        self._feature = np.concatenate([part.feature for part in parts])
        self._low = np.concatenate([part.low for part in parts])
        self._high = np.concatenate([part.high for part in parts])
        self._missing = np.concatenate([part.missing for part in parts])
        self._bit = np.concatenate([part.bit for part in parts])
        self._start = np.concatenate(
            [part.start + at for part, at in zip(parts, conditions, strict=False)]
        )
        self._size = np.concatenate([part.size for part in parts])
        # One row for each set of features of a leaf that rows of the background pass.
        self._leaf = np.concatenate(
            [part.leaf + at for part, at in zip(parts, leaves, strict=False)]
        )
        passed = np.concatenate([part.passed for part in parts])
        value = np.concatenate([part.value for part in parts])
        self._worth = value[self._leaf] * np.concatenate([part.rows for part in parts])
        self._full = (np.int64(1) << self._size) - 1
        # Half the memory is half the time where there are a million sets.
        narrow = np.uint32 if self._size.max(initial=0) <= 32 else np.uint64
        self._lacks_there = (self._full[self._leaf] & ~passed).astype(narrow)

    def _rounded(self, encoded: Floats) -> Floats:
        """Round as the learner does before it compares; still doubles, as thresholds are."""
        return encoded.astype(np.float32).astype(np.float64) if self._single else encoded

    def values(self, encoded: Floats) -> Floats:
        """Shapley values of encoded rows, shape (n, p)."""
        found = [self._values(row) for row in self._rounded(encoded)]
        return np.array(found).reshape(encoded.shape)

    def _values(self, row: Floats) -> Floats:
        out = np.zeros(len(row))
        if not len(self._leaf):
            return out
        own = within(row[self._feature], self._low, self._high, self._missing)
        here = np.add.reduceat(own.astype(np.int64) << self._bit, self._start)
        lacks_here = (self._full & ~here).astype(self._lacks_there.dtype)
        # What neither passes keeps a leaf from having a say.
        alive = np.flatnonzero((lacks_here[self._leaf] & self._lacks_there) == 0)
        leaf, worth = self._leaf[alive], self._worth[alive]
        lacks, lacks_there = lacks_here[leaf], self._lacks_there[alive]
        only_x, only_z = np.bitwise_count(lacks_there), np.bitwise_count(lacks)
        gain, loss = worth * KNOWN_WEIGHT[only_x, only_z], worth * KNOWN_WEIGHT[only_z, only_x]
        size, start = self._size[leaf], self._start[leaf]
        for bit in range(int(size.max(initial=0))):
            some = np.flatnonzero(size > bit)
            share = gain[some] * (lacks_there[some] >> bit & 1) - loss[some] * (
                lacks[some] >> bit & 1
            )
            out += np.bincount(self._feature[start[some] + bit], share, minlength=len(row))
        return out / self._count


class _TreeLeaves:
    """Leaves of one tree that say something: their conditions, and what the background passes."""

    def __init__(self, tree: Tree, behind: Floats):
        nodes, features = len(tree.left), behind.shape[1]
        low, high = np.full((nodes, features), -np.inf), np.full((nodes, features), np.inf)
        missing, asked = np.ones((nodes, features), bool), np.zeros((nodes, features), bool)
        node = np.array([0])
        leaves: list[Ints] = []
        while len(node):
            inner = tree.left[node] >= 0
            leaves.append(node[~inner])
            node = node[inner]
            on, cut, to_left = tree.feature[node], tree.cut[node], tree.missing_left[node]
            for child, goes in ((tree.left[node], to_left), (tree.right[node], ~to_left)):
                for box in (low, high, missing, asked):
                    box[child] = box[node]
                missing[child, on] &= goes
                asked[child, on] = True
            left, right = tree.left[node], tree.right[node]
            high[left, on] = np.minimum(high[left, on], cut)
            low[right, on] = np.maximum(low[right, on], cut)
            node = np.concatenate([left, right])
        found = np.sort(np.concatenate(leaves))
        found = found[(tree.value[found] != 0) & asked[found].any(axis=1)]
        self.value: Floats = tree.value[found]
        self.size: Ints = asked[found].sum(axis=1)
        if self.size.max(initial=0) >= DEEPEST:
            raise ValueError(f"a path asks for {self.size.max()} features, {DEEPEST - 1} at most")
        self.start: Ints = np.cumsum(self.size) - self.size
        of, self.feature = np.nonzero(asked[found])
        self.low, self.high, self.missing = (
            box[found[of], self.feature] for box in (low, high, missing)
        )
        self.bit: Ints = np.arange(len(of)) - self.start[of]
        self._count(behind)

    def _count(self, behind: Floats) -> None:
        """Count rows of the background that pass the same features of a leaf."""
        inside = within(
            behind[:, self.feature].T,
            self.low[:, None],
            self.high[:, None],
            self.missing[:, None],
        )
        passed = np.zeros((0, len(behind)), dtype=np.int64)
        if len(self.value):
            passed = np.add.reduceat(inside.astype(np.int64) << self.bit[:, None], self.start)
        passed.sort(axis=1)
        new = np.ones(passed.shape, dtype=bool)
        new[:, 1:] = passed[:, 1:] != passed[:, :-1]
        self.leaf, at = np.nonzero(new)
        self.passed: Ints = passed[new]
        ends = np.append(at[1:], 0)
        # The next set of a leaf begins where this one ends; the last one ends with the rows.
        self.rows: Ints = np.where(ends > at, ends, len(behind)) - at
