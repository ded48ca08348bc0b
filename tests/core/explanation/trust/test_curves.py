"""Deletion, insertion, permutation and neighbourhoods, by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.explanation.trust.fidelity import fidelity
from core.explanation.trust.permuted import permuted
from core.explanation.trust.stability import Neighbourhood, lipschitz_ratios


def people(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "y": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
            "c": pd.Series(rng.choice(["p", "q", "r"], n), dtype=object),
        }
    )


def score(rows: pd.DataFrame) -> np.ndarray:
    margin = 2 * rows["x"] - rows["y"].fillna(0.0) + rows["c"].map({"p": 1, "q": 0, "r": -1})
    return (1 / (1 + np.exp(-margin))).to_numpy(dtype=float)


def last(steps):
    *_, (share, found) = steps
    assert share == 1
    return found


def test_curves_are_those_of_the_definition() -> None:
    rows, behind = people(13, 0), people(6, 1)
    values = np.random.default_rng(2).normal(size=(13, 3))
    positive = score(rows) >= 0.5
    found = last(fidelity("SHAP", score, rows, values, positive, behind))
    names = list(rows)
    deletion, insertion = np.zeros((13, 4)), np.zeros((13, 4))
    for i in range(13):
        toward = values[i] if positive[i] else -values[i]
        order = [names[j] for j in np.argsort(-toward)]
        for step in range(4):
            for out, own in ((deletion, order[step:]), (insertion, order[:step])):
                mixed = behind.copy()
                for name in own:
                    mixed[name] = [rows[name].iloc[i]] * len(behind)
                mean = score(mixed).mean()
                out[i, step] = mean if positive[i] else 1 - mean
    assert found.deletion == pytest.approx(deletion.mean(axis=0))
    assert found.insertion == pytest.approx(insertion.mean(axis=0))
    # Both ends are the person and the background, whatever the order.
    assert found.random_deletion[[0, 3]] == pytest.approx(deletion.mean(axis=0)[[0, 3]])
    assert found.random_insertion[[0, 3]] == pytest.approx(insertion.mean(axis=0)[[0, 3]])


def test_right_reasons_beat_chance_wrong_ones_lose_and_none_are_chance() -> None:
    rows, behind = people(120, 3), people(12, 4)
    positive = score(rows) >= 0.5
    right = permuted(score, rows, behind)
    good = last(fidelity("SHAP", score, rows, right, positive, behind))
    bad = last(fidelity("SHAP", score, rows, -right, positive, behind))
    none = last(fidelity("SHAP", score, rows, 0 * right, positive, behind))
    assert good.gain.low > 0.1
    assert good.deletion_gain.low > 0
    assert good.insertion_gain.low > 0
    assert bad.gain.high < 0
    assert none.gain.low < 0 < none.gain.high


def test_a_constant_model_gains_nothing() -> None:
    rows = people(12, 5)
    flat = lambda some: np.full(len(some), 0.7)  # noqa: E731
    found = last(fidelity("SHAP", flat, rows, np.ones((12, 3)), np.ones(12, bool), rows))
    assert found.gain.estimate == pytest.approx(0)


def test_permutation_of_a_person_is_that_of_its_definition() -> None:
    rows, behind = people(5, 6), people(7, 7)
    found = permuted(score, rows, behind)
    for i in range(5):
        for j, name in enumerate(rows):
            mixed = pd.concat([rows.iloc[[i]]] * 7, ignore_index=True)
            mixed[name] = behind[name].to_numpy()
            assert found[i, j] == pytest.approx(score(rows)[i] - score(mixed).mean())


def test_neighbours_have_values_of_the_data_near_in_rank() -> None:
    training, rows = people(400, 8), people(30, 9)
    near = Neighbourhood(training)
    moved = near.draw(rows, np.random.default_rng(0))
    assert (moved["c"] == rows["c"]).all()
    assert (moved["y"].isna() == rows["y"].isna()).all()
    assert set(moved["x"]) <= set(training["x"])
    ranks = [(training["x"].to_numpy()[:, None] < r["x"].to_numpy()).mean(0) for r in (rows, moved)]
    assert np.abs(ranks[0] - ranks[1]).max() <= 0.06
    spread = training["x"].std(ddof=0), training["y"].std(ddof=0)
    gap = ((rows["x"] - moved["x"]) / spread[0]) ** 2
    gap += (((rows["y"] - moved["y"]) / spread[1]) ** 2).fillna(0.0)
    assert near.distance(rows, moved) == pytest.approx(np.sqrt(gap))


def test_without_numbers_one_category_changes() -> None:
    rows = people(40, 10)[["c"]].assign(d=pd.Series(["k", "l"] * 20, dtype=object))
    near = Neighbourhood(rows)
    moved = near.draw(rows, np.random.default_rng(1))
    assert ((moved != rows).sum(axis=1) == 1).all()
    assert near.distance(rows, moved) == pytest.approx(np.ones(40))


def test_the_lipschitz_ratio_of_a_linear_explanation_is_its_slope() -> None:
    before = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    after = before + np.array([[3.0, 4.0], [0.6, 0.8], [0.0, 0.0]])
    ratios = lipschitz_ratios(before, after, np.array([1.0, 0.2, 0.0]))
    assert ratios[:2].tolist() == pytest.approx([5, 5])
    assert np.isnan(ratios[2])
