"""Trees of any learner as a sum over leaves, with exact interventional Shapley values.

Definition
----------
A leaf is a box: it is reached when every feature on its path is within its range. For a row x and
a background row z, let A be the features on the path that only x passes and B those that only z
passes; where some feature is passed by neither, the leaf has no say. Otherwise a coalition S
reaches it exactly if it holds all of A and none of B, so that each feature of A gets
v (|A| − 1)! |B|! / (|A| + |B|)! and each of B −v |A|! (|B| − 1)! / (|A| + |B|)! (Lundberg et al.
2020, "From local explanations to global understanding", Algorithm 3). The mean over z is exact.

Rows that pass the same features of a leaf are handled once, so that thousands of rows cost little
more than a few. shap's own implementation keeps those weights in single precision, which is off by
up to 1e-8, and can't read our private trees; it serves as a peer in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from core.arrays import Flags, Floats, Ints
from core.learning.noisy_trees import NoisyForest

DEEPEST = 64
"""Features on one path; each is a bit."""


@dataclass(frozen=True)
class Tree:
    """One binary tree as arrays over its nodes, the root first; leaves have ``left`` −1."""

    left: Ints
    right: Ints
    missing_left: Flags
    feature: Ints
    cut: Floats
    value: Floats


@dataclass(frozen=True)
class TreeSum:
    """Trees whose leaves add up to the output, with a constant.

    Attributes
    ----------
    trees : tuple of Tree
    constant : float
    log_odds : bool
        Whether the output is log-odds; a probability otherwise.
    single : bool
        Whether the learner compares values in single precision, as scikit-learn's trees do.
    """

    trees: tuple[Tree, ...]
    constant: float
    log_odds: bool
    single: bool

    def output(self, encoded: Floats) -> Floats:
        """Evaluate the sum, shape (n,)."""
        encoded = encoded.astype(np.float32) if self.single else encoded
        out = np.full(len(encoded), self.constant)
        rows = np.arange(len(encoded))
        for tree in self.trees:
            node = np.zeros(len(encoded), dtype=np.int64)
            while (inner := tree.left[node] >= 0).any():
                held = encoded[rows, np.where(inner, tree.feature[node], 0)]
                left = np.where(np.isnan(held), tree.missing_left[node], held <= tree.cut[node])
                node = np.where(inner, np.where(left, tree.left[node], tree.right[node]), node)
            out += tree.value[node]
        return out


def tree_sum(estimator: Any) -> TreeSum | None:
    """Write the trees of an estimator down; None if it has none that we can read."""
    if isinstance(estimator, HistGradientBoostingClassifier):
        nodes = [one.nodes for (one,) in estimator._predictors]
        if any(found["is_categorical"].any() for found in nodes):
            return None
        constant = float(np.ravel(estimator._baseline_prediction)[0])
        return TreeSum(tuple(_boosted(found) for found in nodes), constant, True, False)
    if isinstance(estimator, RandomForestClassifier):
        share = 1 / len(estimator.estimators_)
        trees = tuple(_grown(tree, share) for tree in estimator.estimators_)
        return TreeSum(trees, 0.0, False, True)
    if isinstance(estimator, DecisionTreeClassifier):
        return TreeSum((_grown(estimator, 1.0),), 0.0, False, True)
    if isinstance(estimator, NoisyForest):
        trees = tuple(_noisy(estimator, tree) for tree in range(estimator.trees))
        return TreeSum(trees, 0.0, False, False)
    return None


def tree_shapley(found: TreeSum, encoded: Floats, behind: Floats) -> Floats:
    """Exact interventional Shapley values, shape (n, p).

    Parameters
    ----------
    found : TreeSum
    encoded, behind : ndarray, shape (n, p) and (m, p)
        Rows to explain, and those to compare with.
    """
    if found.single:
        # Back in doubles: beside a single, a threshold would be rounded before it is compared.
        encoded, behind = (X.astype(np.float32).astype(np.float64) for X in (encoded, behind))
    out = np.zeros((len(encoded), encoded.shape[1]))
    for tree in found.trees:
        for leaf, box in _boxes(tree):
            _add_leaf(out, tree.value[leaf], box, encoded, behind)
    return out / len(behind)


Box = dict[int, tuple[float, float, bool]]
"""By feature: above which value, up to which, and whether a missing one passes."""


def _boxes(tree: Tree) -> list[tuple[int, Box]]:
    out: list[tuple[int, Box]] = []
    waiting: list[tuple[int, Box]] = [(0, {})]
    while waiting:
        node, box = waiting.pop()
        if tree.left[node] < 0:
            if tree.value[node] and box:
                out.append((node, box))
            continue
        feature, cut = int(tree.feature[node]), float(tree.cut[node])
        low, high, missing = box.get(feature, (-np.inf, np.inf, True))
        to_left = bool(tree.missing_left[node])
        left = (low, min(high, cut), missing and to_left)
        right = (max(low, cut), high, missing and not to_left)
        for child, part in ((tree.left[node], left), (tree.right[node], right)):
            waiting.append((int(child), {**box, feature: part}))
    return out


def within(held: Floats, low: Any, high: Any, missing: Any) -> Flags:
    """Whether values lie in boxes; the outermost box is closed at both ends.

    Parameters
    ----------
    held : ndarray
    low, high : float or ndarray
        Above which value, and up to which.
    missing : bool or ndarray of bool
        Whether a missing one lies in it.
    """
    # An infinite value is a value.
    found = (held <= high) & ((held > low) | (low == -np.inf))
    return np.asarray(found | (np.isnan(held) & missing))


def _passed(X: Any, box: Box) -> Ints:
    """One bit for each feature of the box that a row passes, shape (n,)."""
    out = np.zeros(len(X), dtype=np.int64)
    for bit, (feature, part) in enumerate(box.items()):
        out |= within(X[:, feature], *part).astype(np.int64) << bit
    return out


_FACTORIAL = [float(factorial(k)) for k in range(2 * DEEPEST + 1)]
KNOWN_WEIGHT = np.array(
    [
        [_FACTORIAL[a - 1] * _FACTORIAL[b] / _FACTORIAL[a + b] if a else 0.0 for b in range(64)]
        for a in range(64)
    ]
)
"""Weight of a feature that must be known, by |A| and |B|; the other's is its transpose."""


def _add_leaf(out: Floats, value: float, box: Box, encoded: Any, behind: Any) -> None:
    there, count = np.unique(_passed(behind, box), return_counts=True)
    here, back = np.unique(_passed(encoded, box), return_inverse=True)
    size = len(box)
    alive = (here[:, None] | there) == (1 << size) - 1
    if not alive.any():
        return
    only_x = size - np.bitwise_count(there).astype(np.int64)
    only_z = size - np.bitwise_count(here).astype(np.int64)
    rows = alive * count
    bits = np.arange(size)
    failed_there = 1.0 - (there[:, None] >> bits & 1)
    failed_here = 1.0 - (here[:, None] >> bits & 1)
    gain = (rows * KNOWN_WEIGHT[only_x[None, :], only_z[:, None]]) @ failed_there
    loss = (rows * KNOWN_WEIGHT[only_z[:, None], only_x[None, :]]).sum(axis=1)[
        :, None
    ] * failed_here
    out[:, list(box)] += value * (gain - loss)[back]


def _boosted(nodes: Any) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    left, right = (np.where(leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
    return Tree(
        left,
        right,
        nodes["missing_go_to_left"].astype(bool),
        nodes["feature_idx"].astype(np.int64),
        nodes["num_threshold"].astype(np.float64),
        np.where(leaf, nodes["value"], 0.0),
    )


def _grown(estimator: Any, share: float) -> Tree:
    tree = estimator.tree_
    votes = tree.value[:, 0, :]
    one = list(estimator.classes_).index(1)
    return Tree(
        tree.children_left.astype(np.int64),
        tree.children_right.astype(np.int64),
        tree.missing_go_to_left.astype(bool),
        tree.feature.astype(np.int64),
        tree.threshold.astype(np.float64),
        share * votes[:, one] / votes.sum(axis=1),
    )


def _noisy(forest: NoisyForest, number: int) -> Tree:
    nodes, leaves = forest.feature_.shape[1], forest.label_.shape[1]
    position = np.arange(nodes)
    ends = np.full(leaves, -1)
    return Tree(
        np.r_[2 * position + 1, ends],
        np.r_[2 * position + 2, ends],
        np.zeros(nodes + leaves, dtype=bool),
        np.r_[forest.feature_[number], ends],
        np.r_[forest.threshold_[number], np.zeros(leaves)],
        np.r_[np.zeros(nodes), forest.label_[number] / forest.trees],
    )
