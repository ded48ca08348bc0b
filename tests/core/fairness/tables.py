"""Random and awkward tables of labels, decisions, groups, weights and scores."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    mean_prediction,
    selection_rate,
    true_negative_rate,
    true_positive_rate,
)
from hypothesis import assume
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
)

T = TypeVar("T")
Flags = np.ndarray
Weights = np.ndarray | None
Peer = Callable[..., float]


@dataclass(frozen=True)
class Rows:
    target: np.ndarray
    prediction: np.ndarray
    sensitive: pd.DataFrame
    weights: np.ndarray | None
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.target)

    def masks(self) -> dict[tuple[str, ...], np.ndarray]:
        """Rows of each group, found one by one and without the code under test."""
        keys = list(zip(*(self.sensitive[c] for c in self.sensitive), strict=True))
        return {key: np.array([k == key for k in keys]) for key in set(keys)}


@st.composite
def tables(
    draw: st.DrawFn, columns: int = 2, largest: int = 40, weighted: bool | None = None
) -> Rows:
    n = draw(st.integers(1, largest))

    def column(values: st.SearchStrategy[T]) -> list[T]:
        return draw(st.lists(values, min_size=n, max_size=n))

    # A constant column is likely, so that groups without positives or decisions are common.
    flags = st.one_of(st.just(st.booleans()), st.sampled_from([st.just(False), st.just(True)]))
    target = np.array(column(draw(flags)), dtype=bool)
    prediction = np.array(column(draw(flags)), dtype=bool)
    names = st.sampled_from(["a", "b", "ü", "", "(missing)"])
    sensitive = pd.DataFrame(
        {f"s{i}": pd.Series(column(names), dtype=object) for i in range(columns)}
    )
    weights = None
    if draw(st.booleans()) if weighted is None else weighted:
        weights = np.array(column(st.sampled_from([0.0, 0.25, 1.0, 1 / 3, 7.5])))
        assume(weights.any())
    scores = np.array(column(st.sampled_from([-1.0, 0.0, 0.1, 0.5, 0.5000001, 3.0])))
    return Rows(target, prediction, sensitive, weights, scores)


def negative_predictive_value(y_true: Flags, y_pred: Flags, sample_weight: Weights = None) -> float:
    return precision(1 - y_true, 1 - y_pred, sample_weight)


def precision(y_true: Flags, y_pred: Flags, sample_weight: Weights = None) -> float:
    return float(precision_score(y_true, y_pred, sample_weight=sample_weight, zero_division=np.nan))


def f1(y_true: Flags, y_pred: Flags, sample_weight: Weights = None) -> float:
    return float(f1_score(y_true, y_pred, sample_weight=sample_weight, zero_division=np.nan))


def prevalence(y_true: Flags, y_pred: Flags, sample_weight: Weights = None) -> float:
    return float(mean_prediction(y_pred, y_true, sample_weight=sample_weight))


def false_discovery_rate(y_true: Flags, y_pred: Flags, sample_weight: Weights = None) -> float:
    return 1 - precision(y_true, y_pred, sample_weight)


def false_omission_rate(y_true: Flags, y_pred: Flags, sample_weight: Weights = None) -> float:
    return 1 - negative_predictive_value(y_true, y_pred, sample_weight)


def false_negative_share(y_true: Flags, y_pred: Flags, sample_weight: Weights = None) -> float:
    table = confusion_matrix(y_true, y_pred, labels=[0, 1], sample_weight=sample_weight)
    errors = table[0, 1] + table[1, 0]
    return float(table[1, 0] / errors) if errors else np.nan


PEERS: dict[str, Peer] = {
    "selection_rate": selection_rate,
    "true_positive_rate": true_positive_rate,
    "false_positive_rate": false_positive_rate,
    "true_negative_rate": true_negative_rate,
    "false_negative_rate": false_negative_rate,
    "precision": precision,
    "negative_predictive_value": negative_predictive_value,
    "accuracy": accuracy_score,
    "prevalence": prevalence,
    "balanced_accuracy": balanced_accuracy_score,
    "f1": f1,
    "false_discovery_rate": false_discovery_rate,
    "false_omission_rate": false_omission_rate,
    "false_negative_share": false_negative_share,
}
"""fairlearn's or scikit-learn's function for each of our metrics."""


def _answering(function: Peer) -> Peer:
    """Some peers raise where all weights of a group are zero."""

    def answer(y_true: Flags, y_pred: Flags, sample_weight: Weights = None) -> float:
        try:
            return function(y_true, y_pred, sample_weight=sample_weight)
        except ZeroDivisionError:
            return np.nan

    return answer


def metric_frame(rows: Rows, metrics: Mapping[str, Peer] = PEERS) -> MetricFrame:
    """Run fairlearn on the table, silencing what it says of empty denominators."""
    options = {}
    if rows.weights is not None:
        options = {name: {"sample_weight": rows.weights} for name in metrics}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = MetricFrame(
            metrics={name: _answering(peer) for name, peer in metrics.items()},
            y_true=rows.target.astype(int),
            y_pred=rows.prediction.astype(int),
            sensitive_features=rows.sensitive,
            sample_params=options or None,
        )
        frame.by_group  # noqa: B018  computed on first use
    return frame


def defined(name: str, target: Flags, prediction: Flags, weights: Weights) -> bool:
    """Whether a metric's denominator holds any weight, worked out from the rows."""
    w = np.ones(len(target)) if weights is None else weights
    needs = {
        "selection_rate": [np.ones_like(target)],
        "accuracy": [np.ones_like(target)],
        "prevalence": [np.ones_like(target)],
        "true_positive_rate": [target],
        "false_negative_rate": [target],
        "false_positive_rate": [~target],
        "true_negative_rate": [~target],
        "precision": [prediction],
        "negative_predictive_value": [~prediction],
        "balanced_accuracy": [target, ~target],
        "f1": [target | prediction],
        "false_discovery_rate": [prediction],
        "false_omission_rate": [~prediction],
        "false_negative_share": [target != prediction],
    }[name]
    return all(w[mask].sum() > 0 for mask in needs)
