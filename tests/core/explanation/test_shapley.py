"""Shapley values against a brute force over all coalitions."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.explanation.explain import explain_globally, nearest_to_threshold, spread_by_score
from core.explanation.shapley import any_model, shapley_values
from core.learning.learners import LEARNERS
from core.learning.training import Trained, TrainingSpec, train
from tests.core.worlds import DOMAINS, dataset


def brute_force(output: Any, row: pd.DataFrame, background: pd.DataFrame) -> np.ndarray:
    """The definition, coalition by coalition: v(S) = mean output with S from the row."""
    names = list(row)
    p = len(names)

    def value(known: tuple[str, ...]) -> float:
        mixed = background.copy()
        for name in known:
            mixed[name] = np.repeat(row[name].to_numpy(), len(mixed))
        return float(np.mean(output(mixed)))

    out = np.zeros(p)
    for j, name in enumerate(names):
        others = [n for n in names if n != name]
        for size in range(p):
            share = factorial(size) * factorial(p - size - 1) / factorial(p)
            for known in combinations(others, size):
                out[j] += share * (value((*known, name)) - value(known))
    return out


def margin(score: np.ndarray) -> np.ndarray:
    return np.log(score / (1 - score))


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset(500, seed=1)


def trained_on(data: Dataset, name: str, mitigation: str = "none") -> Trained:
    if LEARNERS[name].private:
        return train(
            data, TrainingSpec(name, epsilon=8.0, delta=1e-5, domains=DOMAINS, noise="seeded")
        )
    return train(data, TrainingSpec(name, mitigation))


@pytest.mark.parametrize("name", LEARNERS.names())
def test_every_learner_is_explained_as_the_definition_says(data: Dataset, name: str) -> None:
    decider = trained_on(data, name).decider
    background = data.features.iloc[:15].reset_index(drop=True)
    rows = data.features.iloc[200:204].reset_index(drop=True)
    found = shapley_values(decider, rows, background)
    for i in range(len(rows)):
        row = rows.iloc[[i]]
        if found.explains == "log-odds":
            expected = brute_force(lambda X: margin(decider.score(X)), row, background)
        else:
            expected = brute_force(decider.score, row, background)
        # shap's trees compute in single precision; orders of features are a sample otherwise.
        near = {"trees": 1e-6, "any": 0.1}.get(found.method, 1e-9)
        assert found.values[i] == pytest.approx(expected, abs=near)
    assert found.additivity_error < 1e-6


def test_missing_numbers_are_explained_too(data: Dataset) -> None:
    missing = data.features[data.features["age"].isna()].head(2).reset_index(drop=True)
    assert len(missing) == 2
    decider = trained_on(data, "gradient_boosting").decider
    background = data.features.iloc[:15].reset_index(drop=True)
    found = shapley_values(decider, missing, background)
    expected = brute_force(lambda X: margin(decider.score(X)), missing.iloc[[0]], background)
    assert found.values[0] == pytest.approx(expected, abs=1e-6)


def test_a_mixture_is_explained_by_sampling_and_still_adds_up(data: Dataset) -> None:
    decider = trained_on(data, "logistic_regression", "exponentiated_gradient").decider
    background = data.features.iloc[:15].reset_index(drop=True)
    row = data.features.iloc[[210]].reset_index(drop=True)
    found = shapley_values(decider, row, background)
    assert found.method == "any"
    assert found.additivity_error < 1e-9
    assert found.values[0] == pytest.approx(brute_force(decider.score, row, background), abs=0.02)


def test_a_feature_that_the_model_ignores_gets_nothing() -> None:
    X = pd.DataFrame({"used": np.arange(20.0), "ignored": np.arange(20.0)[::-1]})
    found = any_model(lambda rows: rows["used"].to_numpy() / 20, X.head(3), X)
    assert np.abs(found.values[:, 1]).max() < 1e-12
    assert found.values[:, 0] == pytest.approx((X["used"].head(3) - 9.5) / 20)


def test_a_global_explanation_grows_batch_by_batch_and_ranks_what_matters(data: Dataset) -> None:
    trained = trained_on(data, "gradient_boosting")
    steps = list(explain_globally(data, trained))
    assert [round(share, 3) for share, _ in steps][-1] == 1.0
    assert len(steps) > 1
    last = steps[-1][1]
    assert last.rows == 100
    assert last.features[0] == "income"
    assert last.mean_absolute[0] > 3 * last.mean_absolute[2]
    assert (last.standard_error > 0).all()


def test_people_are_chosen_from_lowest_to_highest_score(data: Dataset) -> None:
    trained = trained_on(data, "logistic_regression")
    chosen = spread_by_score(trained, 3)
    scores = trained.scores[chosen]
    assert scores[0] < scores[1] < scores[2]
    low, _, high = spread_by_score(trained, 3, ends=True)
    assert trained.scores[low] == trained.scores.min()
    assert trained.scores[high] == trained.scores.max()
    assert spread_by_score(trained, 0) == []
    assert len(spread_by_score(trained, 10_000)) == len(trained.scores)
    nearest = nearest_to_threshold(trained)
    assert abs(trained.scores[nearest] - 0.5) == np.abs(trained.scores - 0.5).min()
