"""Trees of any learner as a sum over leaves, read from its estimator.

shap can't read our private trees, and keeps the weights of Shapley values in single precision,
which is off by up to 1e-8; it serves as a peer in the tests of
:mod:`core.explanation.attribution.tree_shapley`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from core.arrays import Flags, Floats, Ints
from core.learning.noisy_trees import NoisyForest

_TOGETHER = 100_000
"""Rows times trees that are walked together."""


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
    owner : ndarray of int64, shape (c,), or None
        Player of each column: the feature that it was made from. Those numbered ``features`` or
        above are nobody's: constants. None where each column is a feature.
    features : int or None
        How many players there are; None where each column is one.
    """

    trees: tuple[Tree, ...]
    constant: float
    log_odds: bool
    single: bool
    owner: Ints | None = None
    features: int | None = None

    def players(self, columns: int) -> tuple[Ints, int]:
        """Player of each column, and how many players there are."""
        owner = np.arange(columns) if self.owner is None else self.owner
        return owner, columns if self.features is None else self.features

    def output(self, encoded: Floats) -> Floats:
        """Evaluate the sum, shape (n,)."""
        encoded = encoded.astype(np.float32) if self.single else encoded
        step = max(1, _TOGETHER // max(1, len(self.trees)))
        parts = [self._leaves(encoded[at : at + step]) for at in range(0, len(encoded), step)]
        return np.concatenate([np.zeros(0), *parts]) + self.constant

    @cached_property
    def _nodes(self) -> tuple[Ints, Tree]:
        """All trees behind each other as one, and where each begins."""
        at = np.cumsum([0, *(len(tree.left) for tree in self.trees)])
        begins = np.repeat(at[:-1], np.diff(at))
        joined = {
            name: np.concatenate([getattr(tree, name) for tree in self.trees])
            for name in Tree.__dataclass_fields__
        }
        for side in ("left", "right"):
            joined[side] = np.where(joined["left"] < 0, -1, joined[side] + begins)
        return at[:-1], Tree(**joined)

    def _leaves(self, encoded: Floats) -> Floats:
        """Walk all trees at once, and add their leaves up."""
        roots, tree = self._nodes
        node = np.tile(roots, len(encoded))
        row = np.repeat(np.arange(len(encoded)), len(roots))
        walking = np.flatnonzero(tree.left[node] >= 0)
        while len(walking):
            here = node[walking]
            held = encoded[row[walking], tree.feature[here]]
            left = np.where(np.isnan(held), tree.missing_left[here], held <= tree.cut[here])
            there = np.where(left, tree.left[here], tree.right[here])
            node[walking] = there
            walking = walking[tree.left[there] >= 0]
        return np.asarray(tree.value[node].reshape(len(encoded), -1).sum(axis=1))


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
