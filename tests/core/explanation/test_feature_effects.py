"""Curves, shuffling, small trees, shapes, drivers and proxies against independent answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind
from sklearn.inspection import partial_dependence
from sklearn.inspection import permutation_importance as peer_importance
from sklearn.linear_model import LogisticRegression

from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.attribution.drivers import drivers_by_group, holm, welch
from core.explanation.attribution.function_shapley import any_model, by_coalitions
from core.explanation.attribution.interaction import strongest_partner
from core.explanation.attribution.shapes import model_shapes, shape_noise
from core.explanation.attribution.shapley import shapley_values
from core.explanation.attribution.surrogate_tree import surrogate_tree
from core.explanation.effects.effects import effect_curve
from core.explanation.effects.permutation import permutation_importance
from core.explanation.proxies.proxies import find_proxies
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core.worlds import DOMAINS, dataset, frame, table


def test_partial_dependence_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, 2)), columns=["a", "b"])
    model = LogisticRegression().fit(X.to_numpy(), X["a"] * X["b"] > 0.1)
    curve = effect_curve(lambda rows: model.predict_proba(rows.to_numpy())[:, 1], X, "a")
    peer = partial_dependence(
        model, X.to_numpy(), [0], custom_values={0: np.array(curve.points)}, method="brute"
    )
    assert curve.dependence == pytest.approx(peer["average"][0])
    assert (curve.dependence_low <= curve.dependence).all()
    assert (curve.dependence_high >= curve.dependence).all()


def test_accumulated_effects_of_a_sum_are_its_own_part_whatever_goes_together() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=400)
    X = pd.DataFrame({"a": a, "b": a + rng.normal(size=400) / 5})
    curve = effect_curve(lambda r: (r["a"] ** 2 / 9 + r["b"] / 9).to_numpy(), X, "a")
    own = np.square(np.array(curve.points)) / 9
    assert np.diff(curve.local) == pytest.approx(np.diff(own))
    assert np.all(curve.local_low <= curve.local)
    # Partial dependence of a product asks about people who could not be; local effects do not.
    product = effect_curve(lambda r: (r["a"] * r["b"]).to_numpy(), X, "a")
    wide = np.ptp(product.dependence)
    assert np.ptp(product.local) < wide or product.local[0] > 0


def test_accumulated_effects_by_hand() -> None:
    X = pd.DataFrame({"a": [0.0, 0.0, 1.0, 2.0], "b": [1.0, 2.0, 3.0, 5.0]})
    curve = effect_curve(lambda r: (r["a"] * r["b"]).to_numpy(), X, "a")
    assert curve.points == (0.0, 1.0, 2.0)
    # From 0 to 1 for rows at 0 and 1: mean of b = 2; from 1 to 2 for the row at 2: b = 5. Uncentred
    # 0, 2, 7; three rows lie in the first interval (mean 1), one in the second (4.5): mean 1.875.
    assert curve.local == pytest.approx(np.array([0.0, 2.0, 7.0]) - 1.875)


def test_accumulated_effects_of_categories_differ_as_a_sum_does() -> None:
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"c": rng.choice(["x", "y", "z"], 300), "b": rng.normal(size=300)})
    X["c"] = X["c"].astype(object)
    worth = {"x": 0.1, "y": 0.4, "z": 0.9}
    curve = effect_curve(lambda r: r["c"].map(worth).to_numpy(dtype=float), X, "c")
    added = dict(zip(curve.points, curve.local, strict=True))
    assert added["z"] - added["x"] == pytest.approx(0.8)  # type: ignore[index]
    assert curve.local @ curve.share == pytest.approx(0.0, abs=1e-12)


def test_missing_values_and_constants_have_curves() -> None:
    X = pd.DataFrame({"a": [np.nan, 1.0, 1.0], "b": [np.nan] * 3, "c": ["u"] * 3})
    X["c"] = X["c"].astype(object)
    for name in X:
        curve = effect_curve(lambda r: np.full(len(r), 0.5), X, name)
        assert np.isfinite(curve.local).all()
    assert effect_curve(lambda r: np.full(len(r), 0.5), X, "a").missing == 1


def test_permutation_importance_is_scikit_learns_on_average() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(600, 3)), columns=["a", "b", "c"])
    y = (X["a"] + X["b"] / 3 > 0).to_numpy()
    model = LogisticRegression().fit(X.to_numpy(), y)
    *_, (_, found) = permutation_importance(
        lambda r: model.predict_proba(r.to_numpy())[:, 1], X, y, np.repeat(["f", "m"], 300)
    )
    peer = peer_importance(
        model, X.to_numpy(), y, scoring="neg_brier_score", n_repeats=20, random_state=0
    )
    for name, each in zip(found.features, found.importance, strict=True):
        expected = peer.importances_mean[list(X).index(name)]
        assert each[0].estimate == pytest.approx(expected, abs=0.01)
        assert [one.group for one in each] == [None, "f", "m"]
        assert (each[1].estimate + each[2].estimate) / 2 == pytest.approx(each[0].estimate)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_an_ignored_feature_is_worth_nothing_in_every_method(seed: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(40, p)), columns=[f"x{j}" for j in range(p)])
    X["ignored"] = rng.choice(["u", "v"], 40).astype(object)
    weights = rng.normal(size=p)

    def score(rows: pd.DataFrame) -> Any:
        return 1 / (1 + np.exp(-np.cos(rows.iloc[:, :p].to_numpy(dtype=float)) @ weights))

    for way in (any_model, by_coalitions):
        found = way(score, X.head(2), X.iloc[30:].reset_index(drop=True))
        assert np.abs(found.values[:, -1]).max() < 1e-12
    curve = effect_curve(score, X, "ignored")
    assert np.abs(curve.local).max() < 1e-12
    assert np.ptp(curve.dependence) < 1e-12
    y = score(X) > np.median(score(X))
    *_, (_, shuffled) = permutation_importance(score, X, y, np.full(40, "all"))
    worth = dict(zip(shuffled.features, shuffled.importance, strict=True))
    assert worth["ignored"][0].estimate == 0.0


@pytest.mark.parametrize(
    "name", ["gradient_boosting", "random_forest", "explainable_boosting", "decision_tree"]
)
def test_a_feature_without_variation_is_worth_nothing_to_a_learner(name: str) -> None:
    data = dataset(300)
    features = data.features.assign(age=1.0)
    trained = train(replace(data, features=features), TrainingSpec(name))
    found = shapley_values(trained.decider, features[:5], features[20:40].reset_index(drop=True))
    assert np.abs(found.values[:, list(features).index("age")]).max() < 1e-12


@pytest.fixture(scope="module")
def forest() -> tuple[Dataset, Trained]:
    data = dataset(600, seed=2)
    return data, train(data, TrainingSpec("gradient_boosting"))


def test_a_small_tree_says_how_faithful_it_is(forest: tuple[Dataset, Trained]) -> None:
    data, trained = forest
    tree = surrogate_tree(data, trained, 3)
    assert tree.depth <= 3
    assert sum(rule.share for rule in tree.rules) == pytest.approx(1.0)
    assert any("income" in text for rule in tree.rules for text in rule.conditions)
    low, high = tree.agreement.interval
    assert low <= tree.agreement.estimate <= high
    assert tree.r2 is not None
    assert 0.5 < tree.r2 <= 1
    deeper = surrogate_tree(data, trained, 4)
    assert len(deeper.rules) >= len(tree.rules)
    with pytest.raises(ValueError, match="depth"):
        surrogate_tree(data, trained, 5)


@pytest.mark.parametrize(
    "name",
    [
        "logistic_regression",
        "explainable_boosting",
        "naive_bayes",
        "dp_binned_regression",
        "dp_explainable_boosting",
        "dp_logistic_regression",
        "dp_naive_bayes",
    ],
)
def test_shapes_are_what_the_model_adds_up(name: str) -> None:
    data = dataset(400, seed=1)
    private = {"epsilon": 4.0, "delta": 1e-5, "domains": DOMAINS, "noise": "seeded"}
    spec = TrainingSpec(name, **(private if name.startswith("dp_") else {}))  # type: ignore[arg-type]
    trained = train(data, spec)
    found = model_shapes(data, trained)
    assert {s.feature for s in found.shapes} == set(map(str, data.features))
    score = trained.decider.predict_score
    for shape in found.shapes:
        assert shape.values.mean() == pytest.approx(0, abs=1e-9)
        if found.together:
            continue
        points: Any = np.array(shape.levels, dtype=object)
        if shape.edges is not None:
            points = (shape.edges[1:] + shape.edges[:-1]) / 2
        rows = data.features.iloc[[0] * len(points)].reset_index(drop=True)
        rows[shape.feature] = points
        odds = np.log(score(rows) / (1 - score(rows)))
        assert odds - odds.mean() == pytest.approx(shape.values, abs=1e-7)


def test_shapes_of_a_private_model_rest_on_the_model_alone() -> None:
    data = dataset(400, seed=1)
    spec = TrainingSpec(
        "dp_binned_regression", epsilon=2.0, delta=1e-5, domains=DOMAINS, noise="seeded"
    )
    trained = train(data, spec)
    other = replace(data, features=data.features.iloc[::-1].reset_index(drop=True) * 1)
    first, second = model_shapes(data, trained), model_shapes(other, trained)
    for one, two in zip(first.shapes, second.shapes, strict=True):
        assert np.array_equal(one.values, two.values)
    noise = list(shape_noise(data, trained, 4))
    assert noise[-1][0] == 1.0
    assert noise[-1][1].epsilon == 2.0
    assert all((spread > 0).any() for spread in noise[-1][1].spread.values())
    with pytest.raises(InputError, match="no shape functions"):
        model_shapes(data, train(data, TrainingSpec("decision_tree")))


def test_groups_are_compared_as_scipy_does_and_corrected_by_holm() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(30, 4)), rng.normal(0.5, 2, size=(50, 4))
    assert welch(first, second) == pytest.approx(ttest_ind(first, second, equal_var=False).pvalue)
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert welch(np.ones((12, 1)), np.ones((12, 1)))[0] == 1.0
    assert welch(np.ones((12, 1)), np.zeros((12, 1)))[0] < 1e-5


def test_a_driver_that_differs_is_found_and_chance_is_not() -> None:
    rng = np.random.default_rng(1)
    groups = np.array(["f"] * 150 + ["m"] * 150 + ["x"] * 4, dtype=object)
    values = rng.normal(size=(304, 6))
    values[:150, 2] -= 1.0
    found = drivers_by_group(tuple("abcdef"), values, groups)
    assert set(found.rows) == {"f", "m"}
    assert "only 4" in found.left_out["x"]
    sure = {d.feature for d in found.drivers if d.mean_p < 0.05}
    assert sure == {"c"}
    wrong = 0
    for seed in range(60):
        chance = np.random.default_rng(seed).normal(size=(60, 5))
        drawn = drivers_by_group(tuple("abcde"), chance, np.repeat(["f", "m"], 30).astype(object))
        wrong += any(min(d.mean_p, d.absolute_p) < 0.05 for d in drawn.drivers)
    assert wrong <= 8


def planted(seed: int = 0) -> Dataset:
    """The made-up world with a postcode that stands for race."""
    data = frame(900, seed)
    rng = np.random.default_rng(seed)
    race = rng.choice(["a", "b"], 900, p=[0.6, 0.4])
    right = rng.random(900) < 0.9
    north = np.where(right, race == "a", race == "b")
    data["postcode"] = np.where(north, rng.choice(["p1", "p2"], 900), rng.choice(["q1", "q2"], 900))
    data["race"] = race
    data["paid"] = np.where(rng.random(900) < np.where(north, 0.8, 0.2), "yes", "no")
    read = table(data.drop(columns="sex"))
    return assign(read, default_roles(read, "paid", "yes", ("race",))[0])


def test_a_planted_proxy_is_found_and_named() -> None:
    data = planted()
    *_, (share, found) = find_proxies(data, "race")
    assert share == 1.0
    assert found.features[0].feature == "postcode"
    assert found.features[0].strong
    assert found.features[0].auc == pytest.approx(0.9, abs=0.03)
    assert not any(one.strong for one in found.features[1:])
    assert found.together is not None
    assert found.together.auc > 0.8
    others = [one for one in found.features if one.feature in ("age", "income", "city")]
    assert all(one.interval[0] < 0.53 for one in others)


@pytest.mark.parametrize("declared", [True, False])
def test_what_tells_a_person_is_no_proxy_of_a_group(declared: bool) -> None:
    """Height is near the same in a person's rows and says nothing of the coin that is the race."""
    rng = np.random.default_rng(5)
    who = np.repeat(np.arange(300), 3)
    data = frame(900).assign(who=who, race=rng.choice(["a", "b"], 300)[who])
    for name in ("height", "weight", "arm"):
        data[name] = rng.normal(size=300)[who] + 0.01 * rng.normal(size=900)
    read = table(data.drop(columns=["sex", "income", "city", "age"]))
    roles = default_roles(read, "paid", "yes", ("race",), identifiers=("who",))[0]
    made = assign(read, roles if declared else replace(roles, identifiers=()))
    *_, (_, found) = find_proxies(made, "race")
    assert found.together is not None
    if declared:
        assert found.together.auc == pytest.approx(0.5, abs=0.09)
    else:
        assert found.together.auc > 0.8


def test_a_driver_that_is_a_proxy_is_a_finding() -> None:
    data = frame(900)
    rng = np.random.default_rng(0)
    data["race"] = rng.choice(["a", "b"], 900)
    data["postcode"] = np.where(data["race"] == "a", "p", "q")
    flip = rng.random(900) < 0.1
    data.loc[flip, "postcode"] = "r"
    data["paid"] = np.where((data["race"] == "a") ^ (rng.random(900) < 0.1), "yes", "no")
    read = table(data.drop(columns="sex"))
    roles = default_roles(read, "paid", "yes", ("race",))[0]
    found = run(read, AuditPlan(roles, TrainingSpec("logistic_regression"), explain=1)).findings
    (one,) = [item for item in found if item.code == "EXPL-02"]
    assert "“postcode”, driver number 1" in one.evidence
    assert "tells “race”" in one.evidence


def test_the_attribute_itself_is_no_proxy_of_itself() -> None:
    data = planted()
    features = data.features.assign(race=data.sensitive["race"].astype(object))
    *_, (_, found) = find_proxies(replace(data, features=features), "race")
    assert found.itself
    assert "race" not in [one.feature for one in found.features]
    alone = data.sensitive.assign(race="a")
    *_, (_, none) = find_proxies(replace(data, sensitive=alone), "race")
    assert none.reason is not None


def test_the_partner_of_an_interaction_is_found() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(500, 4)), columns=list("abcd"))
    together = rows["a"] * (rows["c"] > 0)
    assert strongest_partner(together.to_numpy(), rows, "a")[0] == "c"
    assert strongest_partner(np.zeros(500), rows, "a") == (None, 0.0)
