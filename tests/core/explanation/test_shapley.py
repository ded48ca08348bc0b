"""Shapley values against a brute force over all coalitions."""

from __future__ import annotations

import warnings
from functools import cache
from itertools import combinations
from math import factorial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shap

from core.data.dataset import Dataset
from core.explanation.attribution.explain import (
    explain_globally,
    nearest_to_threshold,
    spread_by_score,
)
from core.explanation.attribution.explained_model import misleads
from core.explanation.attribution.function_shapley import any_model, by_coalitions
from core.explanation.attribution.prepared_shapley import PreparedShapley
from core.explanation.attribution.shapley import shapley_values
from core.explanation.attribution.tree_ensembles import tree_sum
from core.explanation.attribution.tree_shapley import tree_shapley
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.mitigation import MITIGATIONS
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core.versions import needs_exact_shap
from tests.core.worlds import DOMAINS, dataset


def brute_force(output: Any, row: pd.DataFrame, background: pd.DataFrame) -> np.ndarray:
    """The definition, coalition by coalition: v(S) = mean output with S from the row."""
    names = list(row)
    p = len(names)

    @cache
    def value(known: frozenset[str]) -> float:
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
                out[j] += share * (value(frozenset((*known, name))) - value(frozenset(known)))
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
    assert found.method in ("linear", "additive", "trees")
    assert found.sampling_error is None
    for i in range(len(rows)):
        row = rows.iloc[[i]]
        if found.explains == "log-odds":
            expected = brute_force(lambda X: margin(decider.predict_score(X)), row, background)
        else:
            expected = brute_force(decider.predict_score, row, background)
        assert found.values[i] == pytest.approx(expected, abs=1e-9)
    scores = decider.predict_score(rows)
    said = margin(scores) if found.explains == "log-odds" else scores
    assert found.output == pytest.approx(said, abs=1e-9)
    assert found.additivity_error < 1e-9


@pytest.mark.parametrize("name", ["gradient_boosting", "decision_tree"])
def test_eight_features_are_explained_as_the_definition_says(name: str) -> None:
    rng = np.random.default_rng(3)
    X = pd.DataFrame({f"x{j}": rng.normal(size=400).round(1) for j in range(7)})
    X["city"] = rng.choice(["north", "south", "east"], 400)
    X.loc[rng.random(400) < 0.1, "x2"] = np.nan
    y = X["x0"] * X["x1"] + (X["city"] == "north") + X["x2"].fillna(1) > 0.5
    model = LEARNERS[name].build(LearnerConfiguration(seed=0))
    model.fit(X, y.to_numpy())
    decider = SimpleNamespace(model=model, predict_score=model.predict_score)
    row, background = X.iloc[[7]].reset_index(drop=True), X.iloc[20:26].reset_index(drop=True)
    found = shapley_values(decider, row, background)
    output = (
        (lambda rows: margin(model.predict_score(rows)))
        if found.explains == "log-odds"
        else model.predict_score
    )
    assert found.values[0] == pytest.approx(brute_force(output, row, background), abs=1e-9)
    every = by_coalitions(output, row, background)
    assert every.values == pytest.approx(found.values, abs=1e-9)


def test_values_beside_a_threshold_fall_where_a_forest_puts_them() -> None:
    # Steps of 0.1 are no singles, so that rounding a threshold would move rows across it.
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.normal(size=(400, 4)).round(1), columns=list("abcd"))
    model = LEARNERS["random_forest"].build(LearnerConfiguration(seed=0))
    model.fit(X, (X["a"] * X["b"] + X["c"] > 0.5).to_numpy())
    rows, background = X.iloc[:20].reset_index(drop=True), X.iloc[20:26].reset_index(drop=True)
    found = shapley_values(
        SimpleNamespace(model=model, predict_score=model.predict_score), rows, background
    )
    assert found.method == "trees"
    assert found.additivity_error < 1e-9
    exact = by_coalitions(model.predict_score, rows, background)
    assert found.values == pytest.approx(exact.values, abs=1e-9)


@needs_exact_shap
def test_trees_agree_with_shap_to_its_single_precision(data: Dataset) -> None:
    model: Any = trained_on(data, "gradient_boosting").decider.model  # type: ignore[attr-defined]
    encoded = model.encoder.transform(data.features)
    trees = tree_sum(model.estimator)
    assert trees is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = shap.TreeExplainer(
            model.estimator, data=encoded[:50], feature_perturbation="interventional"
        ).shap_values(encoded[100:200], check_additivity=False)
    ours = tree_shapley(trees, encoded[100:200], encoded[:50])
    assert ours == pytest.approx(np.asarray(peer), abs=1e-6)
    # Few rows pass branches over that none of them reaches.
    assert tree_shapley(trees, encoded[100:103], encoded[:50]) == pytest.approx(ours[:3], abs=1e-12)


def test_missing_numbers_are_explained_too(data: Dataset) -> None:
    missing = data.features[data.features["age"].isna()].head(2).reset_index(drop=True)
    assert len(missing) == 2
    decider = trained_on(data, "gradient_boosting").decider
    background = data.features.iloc[:15].reset_index(drop=True)
    found = shapley_values(decider, missing, background)
    expected = brute_force(
        lambda X: margin(decider.predict_score(X)), missing.iloc[[0]], background
    )
    assert found.values[0] == pytest.approx(expected, abs=1e-9)


def test_a_mixture_of_few_features_is_explained_by_all_coalitions(data: Dataset) -> None:
    decider = trained_on(data, "logistic_regression", "exponentiated_gradient").decider
    background = data.features.iloc[:15].reset_index(drop=True)
    row = data.features.iloc[[210]].reset_index(drop=True)
    found = shapley_values(decider, row, background)
    assert found.method == "coalitions"
    assert found.additivity_error < 1e-9
    assert found.values[0] == pytest.approx(
        brute_force(decider.predict_score, row, background), abs=1e-9
    )


def test_sampled_orders_are_off_by_what_they_say() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(30, 9)), columns=[f"x{j}" for j in range(9)])

    def score(rows: pd.DataFrame) -> np.ndarray:
        m = rows.to_numpy()
        return 1 / (1 + np.exp(-m[:, 0] * m[:, 1] * m[:, 2] - np.maximum(m[:, 3], m[:, 4])))

    row, behind = X.head(1), X.iloc[10:].reset_index(drop=True)
    found = shapley_values(SimpleNamespace(predict_score=score), row, behind)
    assert found.method == "any"
    assert found.additivity_error < 1e-9
    exact = by_coalitions(score, row, behind).values[0]
    off = []
    for seed in range(15):
        drawn = any_model(score, row, behind, seed=seed)
        assert drawn.sampling_error is not None
        used = drawn.sampling_error[0] > 1e-12
        off.append((drawn.values[0] - exact)[used] / drawn.sampling_error[0][used])
        assert np.abs(drawn.values[0] - exact)[~used].max(initial=0) < 1e-9
    # Errors of t with 9 degrees of freedom have a standard deviation of 1.13.
    assert 0.8 < np.concatenate(off).std() < 1.5


def test_one_feature_gets_the_whole_difference() -> None:
    X = pd.DataFrame({"x": [0.0, 1.0, 2.0]})

    def score(rows: pd.DataFrame) -> np.ndarray:
        return rows["x"].to_numpy() / 4

    for found in (any_model(score, X, X), by_coalitions(score, X, X)):
        assert found.values[:, 0] == pytest.approx([-0.25, 0.0, 0.25])


def test_a_feature_that_the_model_ignores_gets_nothing() -> None:
    X = pd.DataFrame({"used": np.arange(20.0), "ignored": np.arange(20.0)[::-1]})
    found = any_model(lambda rows: rows["used"].to_numpy() / 20, X.head(3), X)
    assert np.abs(found.values[:, 1]).max() < 1e-12
    assert found.values[:, 0] == pytest.approx((X["used"].head(3) - 9.5) / 20)


def test_a_global_explanation_grows_batch_by_batch_and_ranks_what_matters(data: Dataset) -> None:
    trained = trained_on(data, "gradient_boosting")
    steps = list(explain_globally(data, trained, batch=30))
    assert [round(share, 3) for share, _ in steps][-1] == 1.0
    assert len(steps) > 1
    last = steps[-1][1]
    assert last.rows == 100
    assert last.values.shape == (100, 3)
    assert np.abs(last.values).mean(axis=0) == pytest.approx(last.mean_absolute)
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


SEVERAL_COLUMNS = ("correlation_remover", "massaging_and_correlation_remover")


@pytest.mark.parametrize(
    ("name", "mitigation"),
    [
        *(("logistic_regression", one) for one in MITIGATIONS.names()),
        *(("naive_bayes", one) for one in (*SEVERAL_COLUMNS, "disparate_impact_repair")),
        *(("gradient_boosting", one) for one in (*SEVERAL_COLUMNS, "disparate_impact_repair")),
    ],
)
def test_values_add_up_to_the_score_under_every_mitigation(
    data: Dataset, name: str, mitigation: str
) -> None:
    chosen = MITIGATIONS[mitigation]
    if (chosen.learners and name not in chosen.learners) or chosen.replaces_learner not in (
        "",
        name,
    ):
        pytest.skip("the mitigation takes other learners")
    if chosen.counts:
        pytest.skip("it goes with private learners")
    decider = trained_on(data, name, mitigation).decider
    background = data.features.iloc[:10].reset_index(drop=True)
    rows = data.features.iloc[200:202].reset_index(drop=True)
    found = shapley_values(decider, rows, background)
    assert found.features == tuple(data.features)
    assert found.values.shape == rows.shape
    scores = decider.predict_score(rows)
    told = found.base + found.values.sum(axis=1)
    said = margin(scores) if found.explains == "log-odds" else scores
    assert told == pytest.approx(said, abs=1e-9)
    prepared = PreparedShapley(decider, background).values(rows)
    assert prepared.values == pytest.approx(found.values, abs=1e-12)
    misled = mitigation == "disparate_impact_repair" or (
        mitigation in SEVERAL_COLUMNS and name != "logistic_regression"
    )
    assert misleads(decider) == misled
    if misled:
        exact = by_coalitions(decider.predict_score, rows, background)
        assert found.values == pytest.approx(exact.values, abs=1e-9)
