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
    shap's interventional TreeExplainer, exact.
any
    shap's permutation explainer, a sample over orders that still adds up.

Encoded columns are summed back to the raw feature they came from. For one-hot columns that is
the Shapley value of the raw feature where the output explained is linear in them; for trees every
raw feature is one column, so nothing is summed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import shap

from core.explanation.codes import Codes
from core.learning.models import EncodedModel

Matrix = npt.NDArray[np.float64]
Explains = Literal["log-odds", "probability"]

METHOD_SENTENCE = {
    "linear": "Exact for linear models",
    "additive": "Exact for additive models",
    "trees": "Exact for trees (interventional TreeExplainer)",
    "any": "Sampled over orders of features (permutation explainer)",
}


@dataclass(frozen=True)
class Contributions:
    """Shapley values of some rows.

    Attributes
    ----------
    method : str
        "linear", "additive", "trees" or "any".
    explains : {"log-odds", "probability"}
        The output that the values add up to.
    features : tuple of str
        Raw features, p of them.
    values : ndarray, shape (n, p)
        In units of the output explained.
    base : float
        Mean output over the background rows.
    output : ndarray, shape (n,)
        Output for the rows.
    background_rows : int
    """

    method: str
    explains: Explains
    features: tuple[str, ...]
    values: Matrix
    base: float
    output: Matrix
    background_rows: int

    @property
    def additivity_error(self) -> float:
        """Largest |base + Σ values − output| over the rows."""
        return float(np.abs(self.base + self.values.sum(axis=1) - self.output).max(initial=0.0))


def shapley_values(decider: Any, rows: pd.DataFrame, background: pd.DataFrame) -> Contributions:
    """Explain the score of a decider.

    Parameters
    ----------
    decider : Decider
        Explained through its ``model`` where it has one; as a function from rows to scores
        otherwise (a mixture of models).
    rows : DataFrame, shape (n, p)
        Raw features to explain.
    background : DataFrame, shape (m, p)
        Raw features to compare with, 100 rows are usual.

    Returns
    -------
    Contributions
    """
    model = getattr(decider, "model", None)
    if isinstance(model, EncodedModel) and model.form != "any":
        way = {"linear": _linear, "additive": _additive, "trees": _trees}[model.form]
        return way(model, rows, background)
    return any_model(decider.score, rows, background)


def _summed(values: Matrix, owner: npt.NDArray[np.int64], features: int) -> Matrix:
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

    def terms(X: Matrix) -> Matrix:
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
            crossed = np.repeat(behind[None], len(rows), axis=0)
            crossed[:, :, kept] = encoded[:, None, kept]
            flat = terms(crossed.reshape(-1, encoded.shape[1]))[:, t]
            mixed.append(flat.reshape(len(rows), len(behind)).mean(axis=1))
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


def _trees(model: EncodedModel, rows: pd.DataFrame, background: pd.DataFrame) -> Contributions:
    encoded, behind = model.encoder.transform(rows), model.encoder.transform(background)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explainer = shap.TreeExplainer(
            model.estimator, data=behind, feature_perturbation="interventional"
        )
        raw = np.asarray(explainer.shap_values(encoded, check_additivity=False))
    base = np.ravel(explainer.expected_value)
    # A forest explains both classes' probabilities, boosting one margin.
    forest = raw.ndim == 3
    values = raw[:, :, 1] if forest else raw
    probability = np.clip(model.score_encoded(encoded), 1e-15, 1 - 1e-15)
    return Contributions(
        "trees",
        "probability" if forest else "log-odds",
        _names(rows),
        np.asarray(values, dtype=np.float64),
        float(base[-1]),
        probability if forest else np.log(probability / (1 - probability)),
        len(background),
    )


def any_model(
    score: Callable[[pd.DataFrame], Matrix],
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    orders: int = 10,
    seed: int = 0,
) -> Contributions:
    """Explain any function from raw features to a probability by sampling orders of features.

    Parameters
    ----------
    score : callable
        From a DataFrame of n rows to an array of shape (n,).
    rows, background : DataFrame
    orders : int
        Orders sampled for each row, each walked in both directions.
    seed : int

    Returns
    -------
    Contributions
    """
    codes = Codes(background, rows)
    behind = codes.encode(background)

    def output(coded: Matrix) -> Matrix:
        return score(codes.decode(coded))

    masker = shap.maskers.Independent(behind, max_samples=len(behind))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explainer = shap.explainers.Permutation(output, masker, seed=seed)
        found = explainer(
            codes.encode(rows), max_evals=orders * (2 * rows.shape[1] + 1), silent=True
        )
    return Contributions(
        "any",
        "probability",
        _names(rows),
        np.asarray(found.values, dtype=np.float64),
        float(output(behind).mean()),
        output(codes.encode(rows)),
        len(background),
    )
