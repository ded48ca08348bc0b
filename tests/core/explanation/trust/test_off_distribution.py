"""A model that hides from explainers is exposed; ordinary ones are left in peace."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from core.explanation.attribution.codes import Codes
from core.explanation.attribution.lime_surrogate import local_surrogate
from core.explanation.trust.off_distribution import compare_off_distribution
from tests.core.explanation.trust.scaffold import people, scaffolded


def test_a_scaffolded_model_fools_lime_and_is_exposed() -> None:
    known = people(3000, 0)
    score, new = scaffolded(known, 0), people(300, 100)
    # It decides real people by race …
    assert ((score(new) >= 0.5) == (new["race"] == "a")).mean() > 0.85
    # … and LIME calls the column that means nothing the first reason.
    weights = [
        np.abs(local_surrogate(score, new.iloc[[i]], known, runs=1, samples=1000).weights)
        for i in range(5)
    ]
    mean = dict(zip(list(new), np.mean(weights, axis=0), strict=True))
    assert max(mean, key=lambda name: mean[name]) == "innocent"
    found = compare_off_distribution(score, new, known)
    assert found.verdict == "alarm"
    name, within, off = found.hidden()
    assert name == "race"
    assert within > 0.4
    assert off < 0.1
    lime = next(k for k in found.kinds if k.kind == "LIME")
    assert lime.auc > 0.8


def ordinary(seed: int):
    """A fitted model of one of three kinds; the outcome has an interaction."""
    rows = people(1500, seed)
    rng = np.random.default_rng(seed)
    margin = 2 * rows["x0"] - rows["x1"] + (rows["job"] == "u") * rows["x2"]
    positive = rng.random(len(rows)) < 1 / (1 + np.exp(-margin.to_numpy()))
    codes = Codes(rows)
    model = (
        LogisticRegression(max_iter=2000),
        GradientBoostingClassifier(n_estimators=60, random_state=seed),
        RandomForestClassifier(60, random_state=seed),
    )[seed % 3].fit(codes.encode(rows), positive)
    return rows, lambda some: model.predict_proba(codes.encode(some))[:, 1]


def alarms(seeds: range) -> int:
    count = 0
    for seed in seeds:
        known, score = ordinary(seed)
        found = compare_off_distribution(score, people(200, 1000 + seed), known, seed=seed)
        assert found.verdict != "not defined"
        count += found.verdict == "alarm"
    return count


def test_ordinary_models_raise_no_alarm() -> None:
    assert alarms(range(3)) == 0


@pytest.mark.slow
def test_false_alarms_are_rare_over_many_seeds() -> None:
    assert alarms(range(30)) <= 1


@pytest.mark.slow
def test_scaffolds_of_other_seeds_are_exposed_too() -> None:
    for seed in range(1, 6):
        known = people(3000, seed)
        score = scaffolded(known, seed)
        assert compare_off_distribution(score, people(300, 100 + seed), known).verdict == "alarm"


def test_shares_are_those_of_an_additive_model() -> None:
    rows = people(300, 3)
    found = compare_off_distribution(
        lambda some: (0.5 + 0.1 * (some["race"] == "a")).to_numpy(dtype=float), rows, rows
    )
    at = found.features.index("race")
    for kind in found.kinds:
        assert kind.within[at] == pytest.approx(1)
        assert kind.off[at] == pytest.approx(1)
        assert kind.moved.estimate == pytest.approx(0, abs=1e-9)
    assert found.verdict == "silent"


def test_a_model_of_one_constant_or_one_feature_is_not_compared() -> None:
    rows = people(60, 4)
    flat = compare_off_distribution(lambda some: np.full(len(some), 0.3), rows, rows)
    assert flat.verdict == "not defined"
    assert "does not change the score" in str(flat.reason)
    assert flat.worst is None
    assert flat.hidden() is None
    one = rows[["race"]]
    assert (
        compare_off_distribution(
            lambda some: (some["race"] == "a").to_numpy(dtype=float), one, one
        ).verdict
        == "not defined"
    )


def test_missing_numbers_and_constant_columns_are_taken() -> None:
    rows = people(80, 5).assign(constant=1.0, empty=np.nan)
    rows.loc[::4, "x0"] = np.nan

    def score(some: pd.DataFrame) -> np.ndarray:
        return np.where(some["x0"].isna(), 0.2, 0.8) * np.where(some["job"] == "u", 1.0, 0.5)

    found = compare_off_distribution(score, rows, rows)
    assert found.verdict == "silent"
    assert found.kinds[0].within[found.features.index("constant")] == 0
