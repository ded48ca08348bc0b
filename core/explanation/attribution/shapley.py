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
    trees add up to their scores, :mod:`core.explanation.attribution.external_trees`.
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
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints
from core.errors import InputError
from core.explanation.attribution.codes import Codes
from core.explanation.attribution.contributions import Contributions, Explains
from core.explanation.attribution.explained_model import explained_model
from core.explanation.attribution.external_trees import ReadTrees, explains_of, external_trees
from core.explanation.attribution.leaf_table import LeafTable
from core.explanation.attribution.tree_ensembles import TreeSum, tree_sum
from core.explanation.attribution.tree_shapley import tree_shapley
from core.learning.external_model import ExternalModel
from core.learning.models import EncodedModel

FEW_FEATURES = 8
"""Up to here all 2 ** p coalitions are walked."""
FEW_ROWS = 20
"""Up to here rows go through a table of leaves one by one, above through each leaf together."""

WALKS = 200
"""Orders sampled for each row, each walked there and back."""


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


def _names(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(str(c) for c in rows)


def _linear(model: EncodedModel, rows: pd.DataFrame, background: pd.DataFrame) -> Contributions:
    encoded, behind = model.encoder.transform(rows), model.encoder.transform(background)
    weight = np.asarray(model.estimator.coef_)[0]
    intercept = float(np.ravel(model.estimator.intercept_)[0])
    values = (encoded - behind.mean(axis=0)) * weight
    return Contributions(
        "linear",
        "log-odds",
        _names(rows),
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
        _names(rows),
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
    return tree_contributions(
        trees,
        rows,
        encoded,
        LeafTable(trees, behind).values(encoded) if few else tree_shapley(trees, encoded, behind),
        float(trees.output(behind).mean()),
        len(background),
    )


def tree_contributions(
    trees: TreeSum,
    rows: pd.DataFrame,
    encoded: Floats,
    values: Floats,
    base: float,
    background_rows: int,
) -> Contributions:
    """Put the values of trees together with what they add up to."""
    return Contributions(
        "trees",
        explains_of(trees),
        _names(rows),
        values,
        base,
        trees.output(encoded),
        background_rows,
    )


def by_coalitions(
    score: Callable[[pd.DataFrame], Floats], rows: pd.DataFrame, background: pd.DataFrame
) -> Contributions:
    """Explain any function from raw features to a probability by all coalitions, exactly.

    Parameters
    ----------
    score : callable
        From a DataFrame of n rows to an array of shape (n,).
    rows, background : DataFrame
        Of few features: 2 ** p times m rows are scored for each row.
    """
    codes = Codes(background, rows)
    behind, coded = codes.encode(background), codes.encode(rows)
    m, p = behind.shape
    members = (np.arange(2**p)[:, None] >> np.arange(p) & 1).astype(bool)
    size = members.sum(axis=1)
    weight = np.array([1 / (p * comb(p - 1, k)) for k in range(p)])
    values, base, own = np.zeros((len(rows), p)), 0.0, np.zeros(len(rows))
    for i, row in enumerate(coded):
        mixed = np.where(members[:, None, :], row, behind[None]).reshape(-1, p)
        worth = score(codes.decode(mixed)).reshape(-1, m).mean(axis=1)
        base, own[i] = float(worth[0]), worth[-1]
        for j in range(p):
            without = np.flatnonzero(~members[:, j])
            values[i, j] = weight[size[without]] @ (worth[without | 1 << j] - worth[without])
    return Contributions("coalitions", "probability", _names(rows), values, base, own, m)


def any_model(
    score: Callable[[pd.DataFrame], Floats],
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    orders: int | None = None,
    seed: int = 0,
) -> Contributions:
    """Explain any function from raw features to a probability by sampling orders of features.

    Each background row is walked to the person's along an order of its own, forth and back: two
    hundred orders beside one background row each tell more than ten beside a hundred, at a fifth
    of the scores. All background rows are used equally often, so that the values add up exactly.

    Parameters
    ----------
    score : callable
        From a DataFrame of n rows to an array of shape (n,).
    rows, background : DataFrame
    orders : int, optional
        Orders sampled for each background row, each walked in both directions; at least 2, whose
        spread beside one background row is the error of sampling: background rows are not drawn.
        As many by default as :data:`WALKS` asks for.
    seed : int
    """
    codes = Codes(background, rows)
    behind, coded = codes.encode(background), codes.encode(rows)
    m, p = behind.shape
    orders = orders or max(2, -(-WALKS // m))
    pairs = orders * m
    rng = np.random.default_rng(seed)

    def output(matrix: Floats) -> Floats:
        return score(codes.decode(matrix))

    base, own = output(behind), output(coded)
    values, errors = np.zeros((len(rows), p)), np.zeros((len(rows), p))
    from_row = np.tile(np.arange(m), orders)
    for i, row in enumerate(coded):
        order = rng.permuted(np.tile(np.arange(p), (pairs, 1)), axis=1)
        # Position of each feature along the way there; the way back is the same from the end.
        rank = np.argsort(order, axis=1)
        known = np.concatenate(
            [place[:, None, :] < np.arange(1, p)[:, None] for place in (rank, p - 1 - rank)]
        )
        start = np.tile(from_row, 2)
        mixed = np.where(known, row, behind[start][:, None, :])
        between = output(mixed.reshape(-1, p)).reshape(2 * pairs, p - 1)
        walked = np.column_stack([base[start], between, np.full(2 * pairs, own[i])])
        steps = np.diff(walked, axis=1)
        gained = np.take_along_axis(steps, np.concatenate([rank, p - 1 - rank]), axis=1)
        # There and back together are one draw: they share their order.
        drawn = ((gained[:pairs] + gained[pairs:]) / 2).reshape(orders, m, p)
        values[i] = drawn.mean(axis=(0, 1))
        errors[i] = np.sqrt(drawn.var(axis=0, ddof=1).mean(axis=0) / pairs)
    return Contributions(
        "any", "probability", _names(rows), values, float(base.mean()), own, m, errors
    )
