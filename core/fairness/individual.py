"""Fairness to individuals: like people treated alike, and decisions that flip with an attribute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.neighbors import NearestNeighbors

from core.errors import InputError
from core.fairness.assessment import Figure
from core.fairness.cube import as_flags
from core.fairness.intervals import wilson

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Consistency:
    """How alike the decisions for similar people are.

    Attributes
    ----------
    figure : Figure
        1 − mean |decision − mean decision of the nearest neighbours|, in [0, 1]; 1 is best.
    neighbours : int
    rows : int
        Rows whose neighbours were looked up; the neighbours come from all rows.
    """

    figure: Figure
    neighbours: int
    rows: int


@dataclass(frozen=True)
class FlipRate:
    """How many decisions change if only one attribute is changed.

    Attributes
    ----------
    attribute : str
    figure : Figure
        Share of rows whose decision changes for at least one other value, with Wilson's interval.
    gained, lost : dict of str to int
        By each value that all were given: rows that would gain, or lose, the positive decision.
    """

    attribute: str
    figure: Figure
    gained: dict[str, int]
    lost: dict[str, int]


def consistency(
    features: pd.DataFrame,
    prediction: Flags,
    *,
    neighbours: int = 5,
    most_rows: int = 5000,
    seed: int = 0,
) -> Consistency:
    """Compare each decision with those of the most similar people.

    Zemel et al. 2013, Learning fair representations, ICML, section 5.1. Nobody is a neighbour of
    themselves. Numbers are standardised, missing ones at the mean; text is one-hot encoded.

    Parameters
    ----------
    features : DataFrame, shape (n, p)
    prediction : array of bool, shape (n,)
    neighbours : int
        1 to n − 1.
    most_rows : int
        Of more rows, so many are drawn with ``seed``.

    Raises
    ------
    InputError
        If there is no column, or there are not more rows than neighbours.
    """
    decision = as_flags(prediction, "prediction", len(features)).astype(np.float64)
    if not features.shape[1]:
        raise InputError("there is no column to tell who is similar by", where="features")
    if not 1 <= neighbours < len(features):
        raise InputError(
            f"it must be at least 1 and fewer than the {len(features)} rows",
            where=f"neighbours {neighbours}",
        )
    encoded = _encoded(features)
    rows = np.arange(len(encoded))
    if len(rows) > most_rows:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most_rows, replace=False))
    model = NearestNeighbors(n_neighbors=neighbours + 1).fit(encoded)
    nearest = model.kneighbors(encoded[rows], return_distance=False)
    # Among identical rows oneself need not come first, or be there at all.
    own = nearest == rows[:, None]
    own[~own.any(axis=1), -1] = True
    others = nearest[~own].reshape(len(rows), neighbours)
    value = float(1 - np.abs(decision[rows] - decision[others].mean(axis=1)).mean())
    reason = "no interval: people share neighbours, so their parts are not independent"
    return Consistency(Figure(value, reason=reason), neighbours, len(rows))


def counterfactual_flips(
    predict: Callable[[pd.DataFrame], Flags],
    features: pd.DataFrame,
    attribute: str,
    *,
    level: float = 0.95,
) -> FlipRate:
    """Change only one attribute of everyone to each of its values, and count changed decisions.

    Galhotra, Brun and Meliou 2017, Fairness testing, ESEC/FSE (causal discrimination). What else
    would differ for such a person stays as it is, so no flips is no proof of fairness.

    Parameters
    ----------
    predict : callable
        From features to booleans; must not depend on the other rows.
    features : DataFrame, shape (n, p)
    attribute : str
        Where the model doesn't see it, the rate is undefined and the reason says so.
    level : float
        Of the interval, in (0, 1).

    Raises
    ------
    InputError
        If there are no rows, or predictions are not booleans.
    """
    if not len(features):
        raise InputError("there are no rows", where="features")
    if attribute not in features.columns:
        why = f"the model does not see {attribute}, so changing it alone changes no decision"
        return FlipRate(attribute, Figure(None, reason=why), {}, {})
    values = features[attribute].dropna().drop_duplicates().tolist()
    if len(values) < 2:
        why = f"{attribute} has a single value, so there is none to change it to"
        return FlipRate(attribute, Figure(None, reason=why), {}, {})
    n = len(features)
    before = as_flags(predict(features), "prediction", n)
    changed, gained, lost = np.zeros(n, dtype=bool), {}, {}
    for value in sorted(values, key=str):
        column = pd.Series([value] * n, index=features.index, dtype=features[attribute].dtype)
        after = as_flags(predict(features.assign(**{attribute: column})), "prediction", n)
        changed |= after != before
        gained[str(value)] = int((after & ~before).sum())
        lost[str(value)] = int((before & ~after).sum())
    share = changed.mean()
    low, high = wilson(np.array(share), np.array(n), level)
    return FlipRate(attribute, Figure(float(share), float(low), float(high)), gained, lost)


def _encoded(features: pd.DataFrame) -> Floats:
    """Standardise numbers and one-hot encode everything else, shape (n, k)."""
    parts = []
    for position in range(features.shape[1]):
        column = features.iloc[:, position]
        if is_numeric_dtype(column) and not is_bool_dtype(column):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            known = ~np.isnan(values)
            if not known.any():
                continue
            mean, spread = values[known].mean(), values[known].std()
            centred = np.where(known, values - mean, 0.0)
            parts.append((centred / spread if spread > 0 else centred * 0)[:, None])
        else:
            codes, distinct = pd.factorize(column, use_na_sentinel=False)
            parts.append(np.eye(len(distinct))[codes])
    if not parts:
        raise InputError("no column holds any value", where="features")
    return np.concatenate(parts, axis=1)
