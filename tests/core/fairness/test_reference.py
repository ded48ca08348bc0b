from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, true_positive_rate
from hypothesis import given, settings

from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.fairness.counts.cube import build_cube
from core.fairness.disparities.reference import compare_with
from core.fairness.metrics.group_measurement import Sampling
from tests.core.fairness.tables import tables
from tests.core.fairness.test_rate_tests import cube_of


@settings(max_examples=15, deadline=None)
@given(tables(columns=1))
def test_overall_and_best_are_fairlearn_s(rows):
    cube = build_cube(rows.target, rows.prediction, rows.sensitive, rows.weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = MetricFrame(
            metrics=_tpr,
            y_true=rows.target.astype(int),
            y_pred=rows.prediction.astype(int),
            sensitive_features=rows.sensitive,
            sample_params=None if rows.weights is None else {"sample_weight": rows.weights},
        )
    by_group = {str(key) or "everyone": value for key, value in frame.by_group.items()}
    for item in compare_with(cube, "true_positive_rate", sampling=Sampling(100)):
        if item.difference.estimate is None:
            assert item.difference.reason
            continue
        expected = by_group[item.group] - frame.overall
        assert item.difference.estimate == pytest.approx(expected, abs=1e-9)
        assert item.difference.low <= expected + 1e-9
        assert expected - 1e-9 <= item.difference.high
        if item.ratio.estimate is not None:
            ratio = by_group[item.group] / frame.overall
            assert item.ratio.estimate == pytest.approx(ratio, abs=1e-9)


def _tpr(y_true, y_pred, sample_weight=None):
    try:
        return true_positive_rate(y_true, y_pred, sample_weight=sample_weight)
    except ZeroDivisionError:
        return np.nan


def test_rest_best_and_a_chosen_group_by_hand():
    cube = cube_of([60, 40, 20, 80], [80, 20, 45, 55], [5, 5, 3, 7])
    rest = compare_with(cube, "true_positive_rate", "rest")
    assert rest[0].difference.estimate == pytest.approx(0.8 - 62 / 110)
    assert rest[0].reference == "all others"
    best = compare_with(cube, "true_positive_rate", "best")
    assert [item.group for item in best] == ["g1", "g2"]
    assert best[0].reference == "g0"
    assert best[0].ratio.estimate == pytest.approx(0.55 / 0.8)
    chosen = compare_with(cube, "true_positive_rate", "g0")
    # Against a group that was picked from the data, intervals are wider.
    assert best[0].difference.low < chosen[0].difference.low
    worst = compare_with(cube, "selection_rate", "best", positive_is_favourable=False)
    assert worst[0].reference == "g1"


def test_bad_questions_and_empty_references():
    cube = cube_of([60, 40, 0, 0], [80, 0, 45, 0])
    with pytest.raises(InputError, match="there is no such group"):
        compare_with(cube, "accuracy", "nobody")
    with pytest.raises(InputError, match="no best group"):
        compare_with(cube, "prevalence", "best")
    with pytest.raises(InputError, match="needs scores"):
        compare_with(cube, "brier")
    a, b = compare_with(cube, "true_positive_rate")
    assert "no positive labels in this group" in a.difference.reason
    assert b.ratio.reason == "the true positive rate of everyone is 0"


def test_an_assessment_will_do_and_intervals_against_everyone_hold_the_truth():
    rng = np.random.default_rng(4)
    held = 0
    for world in range(300):
        cube = cube_of(
            rng.multinomial(150, [0.3, 0.2, 0.15, 0.35]), rng.multinomial(150, [0.3, 0.2, 0.3, 0.2])
        )
        item = compare_with(cube, "true_positive_rate", sampling=Sampling(400, world))[0]
        held += item.difference.low <= 0.7 - 0.55 <= item.difference.high
    assert 0.92 <= held / 300 <= 0.985
    rows = np.array([True, False] * 20)
    found = assess(rows, rows, pd.DataFrame({"g": ["a", "a", "b", "b"] * 10}))
    assert [i.difference.estimate for i in compare_with(found, "accuracy")] == [0, 0]
