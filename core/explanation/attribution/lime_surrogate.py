"""LIME: a weighted linear model around one person, run several times and averaged.

LIME (Ribeiro et al. 2016) draws rows around a person, weighs them by nearness, and fits a sparse
linear model to the scores. Its answer varies from run to run, so it is built afresh for each,
averaged, and the spread is reported beside it. The library has had no release since 2020; this
file is the only one that imports it.

It explains raw features: categories are drawn as categories, never as independent one-hot
columns, and numbers are cut at their quartiles.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.explanation.attribution.codes import Codes


@dataclass(frozen=True)
class LocalSurrogate:
    """What LIME says of one person.

    Attributes
    ----------
    features : tuple of str
    weights : ndarray, shape (p,)
        Mean weight over the runs: how far being in the person's own range or category moves the
        probability of the positive label.
    spread : ndarray, shape (p,)
        Standard deviation of the weight over the runs.
    fit : float
        Mean weighted R² of the local models on the rows drawn, at most 1.
    runs, samples : int
        Runs, and rows drawn in each.
    filled : tuple of str
        Numeric features that were missing and were explained at the training median.
    """

    features: tuple[str, ...]
    weights: Floats
    spread: Floats
    fit: float
    runs: int
    samples: int
    filled: tuple[str, ...]


def local_surrogate(
    score: Callable[[pd.DataFrame], Floats],
    person: pd.DataFrame,
    training: pd.DataFrame,
    *,
    runs: int = 5,
    samples: int = 2000,
    seed: int = 0,
) -> LocalSurrogate:
    """Explain one person's score.

    Parameters
    ----------
    score : callable
        From a DataFrame of n raw rows to probabilities of shape (n,).
    person : DataFrame, shape (1, p)
    training : DataFrame, shape (m, p)
        Rows from which LIME learns quartiles and frequencies.
    runs, samples : int
        Runs, each built afresh, and rows drawn in each.
    seed : int
    """
    codes = Codes(training, person)
    medians = training.median(numeric_only=True).fillna(0.0)
    filled = tuple(str(c) for c in medians.index if np.isnan(person[c].iloc[0]))
    behind = codes.encode(training.fillna(medians.to_dict()))
    row = codes.encode(person.fillna(medians.to_dict()))[0]
    varying = np.ptp(behind, axis=0) > 0
    numbers = sorted(set(range(behind.shape[1])) - set(codes.categorical))
    whole = [j for j in numbers if (behind[:, j] == np.floor(behind[:, j])).all()]
    edges = {j: np.percentile(behind[:, j], [25, 50, 75]) for j in whole}

    def probabilities(matrix: Floats) -> Floats:
        matrix = matrix.copy()
        for j in whole:  # What nobody has half of, no model need take half of.
            matrix[:, j] = _whole(matrix[:, j], edges[j])
        positive = score(codes.decode(matrix))
        return np.column_stack([1 - positive, positive])

    # Loaded where it is needed: it brings a plotting library along.
    from lime.lime_tabular import LimeTabularExplainer

    weights = np.zeros((runs, len(codes.columns)))
    fits = []
    for run in range(runs):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            explainer = LimeTabularExplainer(
                behind,
                feature_names=codes.columns,
                categorical_features=codes.categorical,
                categorical_names={j: codes.levels[codes.columns[j]] for j in codes.categorical},
                discretize_continuous=bool(len(codes.categorical) < len(codes.columns)),
                random_state=np.random.RandomState([seed, run]),
            )
            found = explainer.explain_instance(
                row,
                probabilities,
                labels=(1,),
                num_features=len(codes.columns),
                num_samples=samples,
            )
        for j, weight in found.as_map()[1]:
            weights[run, j] = weight
        fits.append(float(found.score))
    weights[:, ~varying] = 0.0
    return LocalSurrogate(
        tuple(codes.columns),
        weights.mean(axis=0),
        weights.std(axis=0, ddof=1) if runs > 1 else np.zeros(weights.shape[1]),
        float(np.mean(fits)),
        runs,
        samples,
        filled,
    )


def _whole(drawn: Floats, edges: Floats) -> Floats:
    """Round numbers without moving one past a quartile, where LIME cuts its ranges."""
    nearest = np.round(drawn)
    other = np.where(nearest > drawn, np.floor(drawn), np.ceil(drawn))
    own = np.searchsorted(edges, drawn)
    stays = np.searchsorted(edges, nearest) == own
    return np.where(stays | (np.searchsorted(edges, other) != own), nearest, other)
