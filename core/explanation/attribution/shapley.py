"""Shapley values of a model on raw features, the exact and quick way where there is one.

Definition
----------
For a set S of known features, v(S) is the mean output over background rows whose features S are
replaced by the person's (the interventional value function; Janzing et al. 2020). A feature's
Shapley value is its mean marginal contribution v(S ∪ {j}) − v(S) over all orders in which
features become known (Lundberg and Lee 2017). They add up to f(x) − mean f(background), and
the remaining error of that sum is reported.

Four ways, chosen by what the model is:

linear
    φ_j = w_j (x_j − mean background x_j) on the log-odds, exact.
additive
    Terms of one feature as above; a term of two shares its interaction equally, exact.
trees
    Interventional, exact, leaf by leaf: :mod:`core.explanation.attribution.tree_shapley`, or for
    few rows :mod:`core.explanation.attribution.leaf_table`; also of models made elsewhere whose
    trees add up to their scores, :mod:`core.explanation.attribution.external_trees`. Trees that ask
    several columns at once are games of their own, :mod:`core.explanation.attribution.mixed_trees`.
coalitions
    The definition itself, over all coalitions, where there are few features: exact.
any
    A sample of orders of features (Štrumbelj and Kononenko 2014), each walked forth and back, so
    that it still adds up; the error of sampling is stated.

Encoded columns are summed back to the raw feature they came from. For one-hot columns that is
the Shapley value of the raw feature where the output explained is linear in them; for trees every
raw feature is one column, so nothing is summed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints
from core.errors import InputError
from core.explanation.attribution.contributions import Contributions, Explains, feature_names
from core.explanation.attribution.explained_model import explained_model
from core.explanation.attribution.external_trees import ReadTrees, external_trees
from core.explanation.attribution.function_shapley import any_model, by_coalitions
from core.explanation.attribution.leaf_table import LeafTable
from core.explanation.attribution.tree_ensembles import tree_sum
from core.explanation.attribution.tree_shapley import tree_shapley
from core.learning.external_model import ExternalModel
from core.learning.models import EncodedModel

FEW_FEATURES = 8
"""Up to here all 2 ** p coalitions are walked."""
FEW_ROWS = 20
"""Up to here rows go through a table of leaves one by one, above through each leaf together."""


def shapley_values(decider: Any, rows: pd.DataFrame, background: pd.DataFrame) -> Contributions:
    """Explain the score of a decider.

    Parameters
    ----------
    decider : Decider
        Explained through its model where that tells its score, see
        :func:`core.explanation.attribution.explained_model.explained_model`; as a function from
        rows to scores otherwise.
    rows : DataFrame, shape (n, p)
        Raw features to explain.
    background : DataFrame, shape (m, p)
        Raw features to compare with, 100 rows are usual.
    """
    model, why = explained_model(decider), ""
    score: Callable[[pd.DataFrame], Floats] = decider.predict_score
    explains: Explains = "probability"
    try:
        read = read_trees(decider, background.columns)
        if read is not None:
            score, explains = read.own_output, read.explains
            read.check(rows, background)
            return _trees(read, rows, background)
    except InputError as reason:
        why = reason.problem
    if model is not None and model.form in ("linear", "additive"):
        way = _linear if model.form == "linear" else _additive
        return way(model, rows, background)
    if rows.shape[1] <= FEW_FEATURES:
        found = by_coalitions(score, rows, background)
    else:
        found = any_model(score, rows, background)
    # Where some rows keep trees from being read, others' values have the same unit.
    return replace(found, explains=explains, why_sampled=why if found.method == "any" else "")


def read_trees(decider: Any, columns: pd.Index) -> ReadTrees | None:
    """Return the trees whose sum explains a decider's score; None where there are none.

    Parameters
    ----------
    decider : Decider
    columns : Index
        Of the rows that will be explained.

    Raises
    ------
    InputError
        Saying why those of a model made elsewhere can't be read.
    """
    model = explained_model(decider)
    if isinstance(model, ExternalModel):
        return external_trees(model, columns)
    trees = None if model is None else tree_sum(model.estimator)
    return (
        None
        if model is None or trees is None
        else ReadTrees(trees, model.encoder.transform, decider.predict_score)
    )


def trees_add_up(decider: Any, rows: pd.DataFrame, background: pd.DataFrame) -> bool:
    """Whether trees tell a decider's exact values for all of some rows."""
    try:
        read = read_trees(decider, background.columns)
    except InputError:
        return False
    return read is not None and read.adds_up(rows, background)


def _summed(values: Floats, owner: Ints, features: int) -> Floats:
    """Sum encoded columns back to raw features; columns past the owners are constants."""
    out = np.zeros((len(values), features))
    for column, feature in enumerate(owner):
        out[:, feature] += values[:, column]
    return out


def _linear(model: EncodedModel, rows: pd.DataFrame, background: pd.DataFrame) -> Contributions:
    encoded, behind = model.encoder.transform(rows), model.encoder.transform(background)
    weight = np.asarray(model.estimator.coef_)[0]
    intercept = float(np.ravel(model.estimator.intercept_)[0])
    values = (encoded - behind.mean(axis=0)) * weight
    return Contributions(
        "linear",
        "log-odds",
        feature_names(rows),
        _summed(values, model.encoder.owner, rows.shape[1]),
        float((behind @ weight).mean() + intercept),
        encoded @ weight + intercept,
        len(background),
    )


def _additive(model: EncodedModel, rows: pd.DataFrame, background: pd.DataFrame) -> Contributions:
    machine = model.estimator
    encoded, behind = model.encoder.transform(rows), model.encoder.transform(background)

    def terms(X: Floats) -> Floats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=UserWarning)
            return np.asarray(machine.eval_terms(X), dtype=np.float64)

    own, base = terms(encoded), terms(behind)
    values = np.zeros((len(rows), rows.shape[1]))
    for t, of in enumerate(machine.term_features_):
        if len(of) == 1:
            values[:, of[0]] += own[:, t] - base[:, t].mean()
            continue
        first, second = of
        # Mean of the term with one of its two features the person's, the other the background's.
        mixed = []
        for kept in (first, second):
            one, back = _one_of_each_bin(machine, kept, encoded[:, kept])
            crossed = np.repeat(behind[None], len(one), axis=0)
            crossed[:, :, kept] = one[:, None]
            flat = terms(crossed.reshape(-1, encoded.shape[1]))[:, t]
            mixed.append(flat.reshape(len(one), len(behind)).mean(axis=1)[back])
        nothing, everything = base[:, t].mean(), own[:, t]
        values[:, first] += ((mixed[0] - nothing) + (everything - mixed[1])) / 2
        values[:, second] += ((mixed[1] - nothing) + (everything - mixed[0])) / 2
    intercept = float(np.ravel(machine.intercept_)[0])
    return Contributions(
        "additive",
        "log-odds",
        feature_names(rows),
        values,
        float(intercept + base.sum(axis=1).mean()),
        intercept + own.sum(axis=1),
        len(background),
    )


def _one_of_each_bin(machine: Any, feature: int, values: Floats) -> tuple[Floats, Ints]:
    """Values of which no two are in one bin of a pair's terms, and which of them each is like."""
    levels = machine.bins_[feature]
    cuts = levels[min(2, len(levels)) - 1]
    if isinstance(cuts, dict):
        found, back = np.unique(values, return_inverse=True)
        return found, back
    bins = np.where(np.isnan(values), -1, np.searchsorted(cuts, values, side="right"))
    _, first, back = np.unique(bins, return_index=True, return_inverse=True)
    return values[first], back


def _trees(read: ReadTrees, rows: pd.DataFrame, background: pd.DataFrame) -> Contributions:
    trees, encoded, behind = read.trees, read.encode(rows), read.encode(background)
    few = len(rows) <= FEW_ROWS
    plain = (
        LeafTable(trees, behind).values(encoded) if few else tree_shapley(trees, encoded, behind)
    )
    return tree_contributions(
        read,
        rows,
        encoded,
        plain + read.mixed_values(encoded, behind),
        float(read.output(behind).mean()),
        len(background),
    )


def tree_contributions(
    read: ReadTrees,
    rows: pd.DataFrame,
    encoded: Floats,
    values: Floats,
    base: float,
    background_rows: int,
) -> Contributions:
    """Put the values of trees together with what they add up to."""
    return Contributions(
        "trees",
        read.explains,
        feature_names(rows),
        values,
        base,
        read.output(encoded),
        background_rows,
    )
