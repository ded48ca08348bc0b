"""ROC and calibration curves by group against scikit-learn, weights and awkward groups included."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import auc, roc_auc_score, roc_curve

from core.fairness.counts.grouping import group_rows
from core.fairness.counts.score_cube import ScoreCube, count_scores, score_edges
from core.fairness.what_if.score_curves import calibration_curves, roc_curves


def cube(
    target: np.ndarray, scores: np.ndarray, groups: np.ndarray, weights: np.ndarray | None = None
) -> ScoreCube:
    grouping = group_rows(pd.DataFrame({"g": groups}))
    return count_scores(grouping, target, scores, weights, score_edges(scores))


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    scores = rng.integers(0, 41, 800) / 40
    target = rng.random(800) < 0.2 + 0.6 * scores
    return target, scores, rng.choice(["a", "b", "c"], 800), rng.uniform(0.2, 3, 800)


def test_roc_curves_are_those_of_scikit_learn(rows) -> None:
    target, scores, groups, weights = rows
    for weighted in (None, weights):
        for found in roc_curves(cube(target, scores, groups, weighted)):
            own = groups == found.group
            sample = None if weighted is None else weights[own]
            fpr, tpr, _ = roc_curve(
                target[own], scores[own], sample_weight=sample, drop_intermediate=False
            )
            ours = np.c_[found.false_positive_rate, found.true_positive_rate]
            for point in np.c_[fpr, tpr]:
                assert np.abs(ours - point).max(axis=1).min() < 1e-12
            area = roc_auc_score(target[own], scores[own], sample_weight=sample)
            assert auc(ours[:, 0], ours[:, 1]) == pytest.approx(area, abs=1e-12)
            assert ours[0].tolist() == [0, 0]
            assert ours[-1].tolist() == [1, 1]
            assert (np.diff(ours, axis=0) >= -1e-12).all()


def test_calibration_curves_are_those_of_scikit_learn(rows) -> None:
    target, _, groups, _ = rows
    scores = np.round(np.random.default_rng(6).random(800), 4)
    found = calibration_curves(cube(target, scores, groups))
    for name, points in found.items():
        own = groups == name
        rate, mean = calibration_curve(target[own], scores[own], n_bins=10)
        assert [p.rate for p in points] == pytest.approx(rate.tolist(), abs=1e-12)
        assert [p.mean_score for p in points] == pytest.approx(mean.tolist(), abs=1e-12)
        assert sum(p.rows for p in points) == own.sum()
        for point in points:
            test = binomtest(round(point.rate * point.rows), point.rows)
            low, high = test.proportion_ci(0.95, "wilson")
            assert (point.rate_low, point.rate_high) == pytest.approx((low, high), abs=1e-9)


def test_weighted_calibration_by_hand() -> None:
    target = np.array([True, False, True, False])
    scores, weights = np.array([0.11, 0.12, 0.93, 0.95]), np.array([3.0, 1.0, 1.0, 1.0])
    (points,) = calibration_curves(cube(target, scores, np.array(["a"] * 4), weights)).values()
    assert [(p.low, p.high, p.rows) for p in points] == [(0.1, 0.2, 2), (0.9, 1.0, 2)]
    assert points[0].rate == pytest.approx(0.75)
    assert points[0].mean_score == pytest.approx((3 * 0.11 + 0.12) / 4)


def test_a_score_of_one_lies_in_the_last_bin_and_zero_in_the_first() -> None:
    target, scores = np.array([True, False]), np.array([1.0, 0.0])
    (points,) = calibration_curves(cube(target, scores, np.array(["a", "a"]))).values()
    assert [(p.low, p.high) for p in points] == [(0.0, 0.1), (0.9, 1.0)]


def test_a_group_of_one_label_has_no_curve_and_leaves_the_others_theirs() -> None:
    target = np.array([True, False, True, True])
    scores, groups = np.array([0.9, 0.1, 0.2, 0.3]), np.array(["a", "a", "b", "b"])
    a, b = roc_curves(cube(target, scores, groups))
    assert a.is_defined
    assert not b.is_defined
