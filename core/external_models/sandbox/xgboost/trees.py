"""The trees of an XGBoost model, from its JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from core.arrays import Ints
from core.errors import InputError
from core.external_models.tree_arrays import GrownTree, TreeArrays, joined

_APART = 1e-3
"""A base score that is further from the library's own margin than this was misread."""


def xgboost_trees(booster: Any, rounds: int) -> TreeArrays:
    """Read the trees of a classifier of two classes; they add up to log-odds.

    Parameters
    ----------
    booster : xgboost.Booster
    rounds : int
        How many of its rounds are used.

    Raises
    ------
    InputError
        If it has no trees, or the sum isn't log-odds.
    """
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    if learner["objective"]["name"] != "binary:logistic":
        raise InputError("its trees don't add up to the log-odds of two classes")
    boosted = learner["gradient_booster"]
    weights = boosted.get("weight_drop")
    model = boosted.get("gbtree", boosted).get("model", {})
    if "trees" not in model:
        raise InputError("it is a linear model as XGBoost trains it, without trees")
    used = model["iteration_indptr"][rounds]
    trees = [
        _tree(tree, 1.0 if weights is None else float(weights[i]))
        for i, tree in enumerate(model["trees"][:used])
    ]
    width = booster.num_features()
    found = joined(trees, np.arange(width), log_odds=True, single=True)
    return TreeArrays(**{**vars(found), "constant": _constant(booster, learner, found, rounds)})


def _tree(said: dict[str, Any], share: float) -> GrownTree:
    left, right = (np.array(said[f"{side}_children"], np.int64) for side in ("left", "right"))
    condition = np.array(said["split_conditions"], np.float32)
    default_left = np.array(said["default_left"], np.int64) != 0
    leaf = left < 0
    lists = _lists(said)
    by_list = np.zeros(len(left), np.bool_)
    by_list[list(lists)] = True
    return GrownTree(
        # What is in a list goes right.
        np.where(by_list, right, left),
        np.where(by_list, left, right),
        np.where(leaf, 0, np.array(said["split_indices"], np.int64)),
        # Smaller than the threshold is at most the single before it.
        np.where(leaf, 0, np.nextafter(condition, np.float32(-np.inf))).astype(np.float64),
        np.where(leaf, condition.astype(np.float64) * share, 0.0),
        np.where(by_list, ~default_left, default_left) & ~leaf,
        lists=lists,
    )


def _lists(said: dict[str, Any]) -> dict[int, Ints]:
    members = np.array(said.get("categories", []), np.int64)
    return {
        int(node): members[begin : begin + size]
        for node, begin, size in zip(
            said.get("categories_nodes", []),
            said.get("categories_segments", []),
            said.get("categories_sizes", []),
            strict=True,
        )
    }


def _constant(booster: Any, learner: dict[str, Any], found: TreeArrays, rounds: int) -> float:
    """Return the base score as log-odds; files hold it as a probability or, older ones, as these.

    Which it is is told by what the library answers for a row without values.
    """
    import xgboost

    base = float(learner["learner_model_param"]["base_score"].strip("[]"))
    nothing = xgboost.DMatrix(
        np.full((1, booster.num_features()), np.nan, np.float32),
        feature_names=booster.feature_names,
        feature_types=booster.feature_types,
    )
    margin = booster.predict(nothing, output_margin=True, iteration_range=(0, rounds))
    leaves = 0.0
    for root in found.roots:
        node = root
        while found.left[node] >= 0:
            node = (found.left if found.missing_left[node] else found.right)[node]
        leaves += float(found.value[node])
    meant = float(margin.ravel()[0]) - leaves
    ways = [base] + ([float(np.log(base / (1 - base)))] if 0 < base < 1 else [])
    nearest = min(ways, key=lambda way: abs(way - meant))
    if abs(nearest - meant) > _APART:
        raise InputError(f"its base score, {base:g}, isn't what its trees start from")
    return nearest
