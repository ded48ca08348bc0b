"""Decision trees of random splits whose leaves are labelled with noise.

Definition
----------
Each inner node splits at a feature and a threshold drawn from the declared bounds, whatever the
rows are. Each leaf then takes the label that more of its rows have, chosen by permute-and-flip
(McKenna and Sheldon 2020) on its two counts. One more row adds 1 to one count of one leaf, and
counts only grow with rows, so every leaf may spend ε: leaves are disjoint. In a forest each row
goes to one tree, by a lot of its own, so that trees are disjoint too. The score is the share of
trees that vote for label 1.

Fletcher and Islam 2017, "Differentially private random decision forests using smooth
sensitivity", as simplified in diffprivlib, whose mechanism this uses. Three of that library's
habits are left out. It divides rows among trees by their places and their number, so that one row
less shifts others into another tree, which breaks add-or-remove. It gives an empty leaf a label
from the process's common random numbers, which any library may seed: all leaves pass the
mechanism here. And it reads labels from the data if they aren't given.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.arrays import Floats, Ints
from core.learning.noise_library import PermuteAndFlip
from core.privacy.accounting.noise_key import NoiseSeed, library_random, numpy_seed


class NoisyForest:
    """The estimator, in scikit-learn's manner; a decision tree is a forest of one.

    Parameters
    ----------
    trees, depth : int
        At least 1. A tree has 2 ** depth leaves.
    epsilon : float
        Of the whole fit, under add-or-remove of one row.
    noise_seed : int, NoiseKey or None
        None or a key draws fresh noise; a number makes it a simulation.

    Attributes
    ----------
    bounds : tuple of two ndarray, each of shape (p,)
        Declared lowest and highest value of each column, set before ``fit``.
    classes_ : ndarray, shape (2,)
        Always 0 and 1, whatever the labels hold.
    feature_, threshold_ : ndarray, shape (trees, 2 ** depth - 1)
        Of inner nodes; the children of node k are 2k + 1 (at most the threshold) and 2k + 2.
    label_ : ndarray of int, shape (trees, 2 ** depth)
        Of leaves, from left to right.
    """

    kept_fields = (
        "trees", "depth", "epsilon", "noise_seed", "classes_", "bounds", "feature_", "threshold_",
        "label_",
    )  # fmt: skip
    bounds: tuple[Floats, Floats]

    def __init__(self, trees: int, depth: int, epsilon: float, *, noise_seed: NoiseSeed = None):
        self.trees, self.depth, self.epsilon = trees, depth, epsilon
        self.noise_seed = noise_seed
        self.classes_ = np.array([0, 1])

    def fit(self, X: Floats, y: Ints) -> NoisyForest:
        """Train on labels 0 and 1, whichever of them occur."""
        rng = np.random.default_rng(numpy_seed(self.noise_seed, "trees"))
        self._grow(rng)
        # Seeded draws of the mechanism repeat; None takes them from the operating system.
        drawn = library_random(self.noise_seed, "leaves")
        noise = np.random.RandomState(drawn) if isinstance(drawn, int) else drawn
        tree_of_row = rng.integers(self.trees, size=len(y))
        leaves = 2**self.depth
        self.label_ = np.zeros((self.trees, leaves), dtype=np.int64)
        for tree in range(self.trees):
            rows = tree_of_row == tree
            position = 2 * self._leaf(X[rows], tree) + y[rows]
            counts = np.bincount(position, minlength=2 * leaves).reshape(leaves, 2)
            for leaf in range(leaves):
                self.label_[tree, leaf] = noisy_label(counts[leaf], self.epsilon, noise)
        return self

    def predict_proba(self, X: Floats) -> Floats:
        """Share of trees that vote for labels 0 and 1, shape (n, 2)."""
        one = np.mean([self.label_[t][self._leaf(X, t)] for t in range(self.trees)], axis=0)
        return np.column_stack([1 - one, one])

    def _grow(self, rng: np.random.Generator) -> None:
        """Draw features and thresholds, each threshold within the node's part of the bounds."""
        nodes = 2**self.depth - 1
        self.feature_ = rng.integers(len(self.bounds[0]), size=(self.trees, nodes))
        part = rng.random((self.trees, nodes))
        self.threshold_ = np.zeros((self.trees, nodes))
        for tree in range(self.trees):
            box = {0: np.column_stack(self.bounds)}
            for node in range(nodes):
                within, feature = box.pop(node), self.feature_[tree, node]
                low, high = within[feature]
                cut = low + part[tree, node] * (high - low)
                self.threshold_[tree, node] = cut
                for child, end in ((2 * node + 1, 1), (2 * node + 2, 0)):
                    box[child] = within.copy()
                    box[child][feature, end] = cut

    def _leaf(self, X: Floats, tree: int) -> Ints:
        node = np.zeros(len(X), dtype=np.int64)
        rows = np.arange(len(X))
        for _ in range(self.depth):
            right = X[rows, self.feature_[tree, node]] > self.threshold_[tree, node]
            node = 2 * node + 1 + right
        return np.asarray(node - (2**self.depth - 1), dtype=np.int64)


def noisy_label(counts: Ints, epsilon: float, noise: Any) -> int:
    """Choose the label with more rows by permute-and-flip, ε under add-or-remove of one row.

    Parameters
    ----------
    counts : ndarray of int, shape (2,)
        Rows of labels 0 and 1; at most one of them differs, by 1, with one row more.
    epsilon : float
    noise : RandomState, Random or None
        None is the operating system.
    """
    mechanism = PermuteAndFlip(
        epsilon=epsilon,
        sensitivity=1,
        monotonic=True,
        utility=[float(c) for c in counts],
        random_state=noise,
    )
    return int(mechanism.randomise())
