"""The trees of a scikit-learn classifier, and the way from its inputs to what they ask."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import logit
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from core.arrays import Array, Floats, Ints
from core.errors import InputError
from core.external_models.tree_arrays import GrownTree, TreeArrays, joined

_ONE_BY_ONE = (
    MaxAbsScaler, MinMaxScaler, OrdinalEncoder, RobustScaler, SimpleImputer, StandardScaler,
)  # fmt: skip
"""Steps that make one column of each, from that column alone."""


def sklearn_trees(model: Any) -> TreeArrays:
    """Read the trees of a classifier of two classes, or of a pipeline that ends in one.

    Raises
    ------
    InputError
        Saying why they can't be read.
    """
    steps, last = _parts(model)
    if len(last.classes_) != 2 or np.ndim(last.classes_[0]):
        raise InputError("its trees don't decide between two classes")
    owner: list[int] = list(range(model.n_features_in_))
    for step in steps:
        owner = _owners(step, owner)
    if isinstance(last, HistGradientBoostingClassifier) and last._preprocessor is not None:
        asked = np.flatnonzero(last.is_categorical_), np.flatnonzero(~last.is_categorical_)
        owner = [owner[i] for part in asked for i in part]
    if len(owner) != last.n_features_in_:
        raise InputError("what stands before its trees can't be followed")
    return _read(last, np.array(owner))


def tree_columns(model: Any, rows: Any) -> Floats:
    """Make what the trees ask, as the pipeline itself does, shape (n, c)."""
    steps, last = _parts(model)
    made: Any = rows
    for step in steps:
        if step != "passthrough":
            made = step.transform(made)
    if isinstance(last, HistGradientBoostingClassifier):
        made = last._preprocess_X(made, reset=False)
    if hasattr(made, "toarray"):
        made = made.toarray()
    return np.asarray(made, dtype=np.float64)


def _parts(model: Any) -> tuple[list[Any], Any]:
    """Return steps before the last, and the last one, of pipelines within each other."""
    steps: list[Any] = []
    while isinstance(model, Pipeline):
        steps += [step for _, step in model.steps[:-1]]
        model = model.steps[-1][1]
    return steps, model


def _owners(step: Any, owner: list[int]) -> list[int]:
    """Owner of each column that a step makes."""
    if step is None or step == "passthrough":
        return owner
    if isinstance(step, FunctionTransformer) and step.func is None:
        return owner  # What stands for "passthrough" in a fitted ColumnTransformer.
    if isinstance(step, Pipeline):
        for _, one in step.steps:
            owner = _owners(one, owner)
        return owner
    if isinstance(step, ColumnTransformer):
        return _chosen_owners(step, owner)
    if isinstance(step, OneHotEncoder):
        widths = step._n_features_outs
        return [one for one, width in zip(owner, widths, strict=True) for _ in range(width)]
    if isinstance(step, _ONE_BY_ONE):
        if len(step.get_feature_names_out()) != len(owner):
            raise InputError("an imputer before its trees adds or leaves out columns")
        return owner
    raise InputError(f"what stands before its trees, {type(step).__name__}, may mix its inputs")


def _chosen_owners(step: ColumnTransformer, owner: list[int]) -> list[int]:
    made: dict[int, int] = {}
    for name, part, _ in step.transformers_:
        where = step.output_indices_[name]
        taken = [owner[i] for i in step._transformer_to_input_indices[name]]
        found = [] if part == "drop" else _owners(part, taken)
        places = range(where.start, where.stop)
        if len(places) != len(found):
            raise InputError("what stands before its trees can't be followed")
        made.update(zip(places, found, strict=True))
    return [made[place] for place in range(len(made))]


def _read(last: Any, owner: Ints) -> TreeArrays:
    if isinstance(last, DecisionTreeClassifier):
        return joined([_votes(last.tree_, 1.0)], owner, log_odds=False, single=True)
    if isinstance(last, (RandomForestClassifier, ExtraTreesClassifier)):
        share = 1 / len(last.estimators_)
        trees = [_votes(tree.tree_, share) for tree in last.estimators_]
        return joined(trees, owner, log_odds=False, single=True)
    if isinstance(last, GradientBoostingClassifier):
        # The exponential loss gives half of the log-odds.
        twice = 2.0 if last.loss == "exponential" else 1.0
        share = twice * last.learning_rate
        trees = [
            _grown(one.tree_, share * one.tree_.value[:, 0, 0]) for one in last.estimators_[:, 0]
        ]
        return joined(trees, owner, constant=_start(last), log_odds=True, single=True)
    if isinstance(last, HistGradientBoostingClassifier):
        trees = [_boosted(one) for (one,) in last._predictors]
        constant = float(np.ravel(last._baseline_prediction)[0])
        return joined(trees, owner, constant=constant, log_odds=True, single=False)
    raise InputError(f"it ends in {type(last).__name__}, whose trees, if any, aren't read")


def _start(last: GradientBoostingClassifier) -> float:
    """Log-odds before the first tree."""
    if last.init_ == "zero":
        return 0.0
    if not isinstance(last.init_, DummyClassifier):
        raise InputError("its trees start from the scores of another model")
    tiny = np.finfo(np.float32).eps
    share = last.init_.predict_proba(np.zeros((1, last.n_features_in_)))[0, 1]
    return float(logit(np.clip(share, tiny, 1 - tiny)))


def _grown(tree: Any, value: Array) -> GrownTree:
    leaf = tree.children_left < 0
    return GrownTree(
        np.where(leaf, -1, tree.children_left).astype(np.int64),
        np.where(leaf, -1, tree.children_right).astype(np.int64),
        np.where(leaf, 0, tree.feature).astype(np.int64),
        np.where(leaf, 0.0, tree.threshold).astype(np.float64),
        np.where(leaf, value, 0.0),
        tree.missing_go_to_left.astype(np.bool_) & ~leaf,
    )


def _votes(tree: Any, share: float) -> GrownTree:
    votes = tree.value[:, 0, :]
    return _grown(tree, share * votes[:, 1] / votes.sum(axis=1))


def _boosted(predictor: Any) -> GrownTree:
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(np.bool_)
    by_list = nodes["is_categorical"].astype(np.bool_) & ~leaf
    return GrownTree(
        np.where(leaf, -1, nodes["left"].astype(np.int64)),
        np.where(leaf, -1, nodes["right"].astype(np.int64)),
        np.where(leaf, 0, nodes["feature_idx"].astype(np.int64)),
        np.where(leaf | by_list, 0.0, nodes["num_threshold"]).astype(np.float64),
        np.where(leaf, nodes["value"], 0.0),
        nodes["missing_go_to_left"].astype(np.bool_) & ~leaf,
        lists={
            int(node): _members(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
            for node in np.flatnonzero(by_list)
        },
    )


def _members(words: Array) -> Ints:
    """Numbers of the bits that are set, 32 to a word."""
    bits = words[:, None] >> np.arange(32, dtype=np.uint32) & 1
    return np.flatnonzero(bits.ravel()).astype(np.int64)
