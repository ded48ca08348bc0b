"""What the numbers of a scikit-learn model point to is checked before native code follows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.neighbors import BallTree, KDTree
from sklearn.tree._tree import Tree

from core.errors import InputError

_BOOSTING = (GradientBoostingClassifier, GradientBoostingRegressor)
_HISTOGRAMS = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)


def parts_of(model: Any) -> Iterator[Any]:
    """Walk everything that a model is made of, each object once."""
    waiting, seen = [model], set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen or isinstance(part, (str, bytes, int, float, type(None))):
            continue
        seen.add(id(part))
        yield part
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, (list, tuple, set)):
            waiting += part
        elif isinstance(part, np.ndarray):
            waiting += part.ravel().tolist() if part.dtype == object else []
        elif hasattr(part, "__dict__"):
            waiting += vars(part).values()


def check_parts(model: Any) -> None:
    """Refuse trees whose nodes point outside; let nothing start processes of its own.

    Raises
    ------
    InputError
        If a node's child or feature isn't there.
    """
    for part in parts_of(model):
        if isinstance(part, Tree):
            _check_tree(part)
        elif isinstance(part, _HISTOGRAMS):
            for tree in (tree for round_ in part._predictors for tree in round_):
                _check_predictor(tree, part.n_features_in_)
        elif isinstance(part, _BOOSTING):
            if any(tree.tree_.n_features != part.n_features_in_ for tree in part.estimators_.flat):
                raise _damaged()
        elif isinstance(part, (KDTree, BallTree)):
            _check_neighbours(part)
        if isinstance(part, BaseEstimator) and getattr(part, "n_jobs", None) is not None:
            part.n_jobs = 1


def _check_tree(tree: Tree) -> None:
    left, right, feature = tree.children_left, tree.children_right, tree.feature
    _check_nodes(left, right, left == -1, feature, tree.n_features)
    if len(tree.value) != tree.node_count:
        raise _damaged()


def _check_predictor(tree: Any, features: int) -> None:
    nodes = tree.nodes
    leaf = nodes["is_leaf"] != 0
    inside = nodes[~leaf]
    left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
    _check_nodes(left, right, leaf, nodes["feature_idx"], features)
    categories = inside[inside["is_categorical"] != 0]["bitset_idx"]
    if len(categories) and categories.max() >= len(tree.raw_left_cat_bitsets):
        raise _damaged()


def _check_nodes(left: Any, right: Any, leaf: Any, feature: Any, features: int) -> None:
    """Children stand behind their parents, so a path always ends; features are there."""
    places = np.arange(len(left))
    inside = ~leaf
    if not len(left):
        raise _damaged()
    for child in (left[inside], right[inside]):
        if ((child <= places[inside]) | (child >= len(left))).any():
            raise _damaged()
    if ((feature[inside] < 0) | (feature[inside] >= features)).any():
        raise _damaged()


def _check_neighbours(tree: Any) -> None:
    data, order, nodes, _ = (np.asarray(part) for part in tree.get_arrays())
    rows = len(data)
    ranges = np.concatenate([nodes["idx_start"], nodes["idx_end"]])
    if not np.array_equal(np.sort(order), np.arange(rows)) or (
        len(ranges) and (ranges.min() < 0 or ranges.max() > rows)
    ):
        raise _damaged()


def _damaged() -> InputError:
    return InputError(
        "a tree in it points to nodes, features or rows that aren't there",
        remedy="Save the model again with skops.io.dump",
    )
