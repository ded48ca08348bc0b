"""Whatever table comes in: every figure has a value inside its interval, or says why not."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.fairness.assessment.assess import assess, to_json
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.score_cube import count_scores
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.disparities.gap_verdict import gap_verdict
from core.fairness.disparities.rate_tests import against_rest
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.score_calibration import score_estimates
from tests.core.fairness.tables import tables


def check(figure):
    """Hold a figure to what the decisions on intervals promise."""
    if figure.estimate is None:
        assert figure.reason
        assert figure.low is figure.high is None
    elif figure.low is None:
        assert figure.reason
        assert np.isfinite(figure.estimate)
    else:
        assert np.isfinite([figure.low, figure.estimate, figure.high]).all()
        assert 0 <= figure.low <= figure.estimate <= figure.high
        assert figure.reason is None


@settings(max_examples=20, deadline=None)
@given(tables(columns=1), st.booleans())
def test_every_figure_lies_in_its_interval_or_says_why_not(rows, probabilities):
    scores = np.clip(rows.scores, 0, 1) if probabilities else rows.scores
    found = assess(
        rows.target, rows.prediction, rows.sensitive, scores=scores, weights=rows.weights, draws=100
    )
    for group in (found.overall, *found.groups):
        assert set(group.figures) == {metric.name for metric in METRICS}
        for figure in group.figures.values():
            check(figure)
    assert [item.name for item in found.disparities] == [item.name for item in DISPARITIES]
    for item in found.disparities:
        check(item.figure)
        if item.among_defined is not None:
            assert item.figure.estimate is None
            check(item.among_defined)
    json.dumps(to_json(found), allow_nan=False)


@settings(max_examples=5, deadline=None)
@given(tables(columns=1))
def test_every_verdict_and_test_answers(rows):
    grouping = group_rows(rows.sensitive)
    found = assess(rows.target, rows.prediction, rows.sensitive, weights=rows.weights, draws=100)
    scores = count_scores(grouping, rows.target, np.clip(rows.scores, 0, 1), rows.weights)
    estimates = score_estimates(scores)
    for metric in METRICS:
        verdict = gap_verdict(found.cube, metric.name, scores=estimates, minimum_count=0)
        check(verdict.gap)
        assert (verdict.finding == "undefined") == (verdict.gap.estimate is None)
        for test in against_rest(found.cube, metric.name, scores=scores):
            assert (test.p_value is None) == (test.reason is not None)
            if test.p_value is not None:
                assert 0 <= test.p_value <= test.adjusted + 1e-12 <= 1 + 1e-12
                assert test.detectable is None or 0 < test.detectable <= 1


@settings(max_examples=15, deadline=None)
@given(tables(columns=1, weighted=False))
def test_rows_of_weight_zero_change_no_estimate(rows):
    assume(len(rows) > 1)
    half = np.arange(len(rows)) < (len(rows) + 1) // 2
    known = set(rows.sensitive["s0"][half])
    assume(set(rows.sensitive["s0"]) == known)
    whole = assess(
        rows.target, rows.prediction, rows.sensitive, weights=half.astype(float), draws=100
    )
    part = assess(rows.target[half], rows.prediction[half], rows.sensitive[half], draws=100)
    for item in part.disparities:
        other = whole.disparity(item.name).figure
        assert other.estimate == (
            None if item.figure.estimate is None else pytest.approx(item.figure.estimate)
        )
        if item.figure.high is not None:
            assert other.high == pytest.approx(item.figure.high, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(tables(columns=1, weighted=True), st.floats(-1e6, -1e-9))
def test_one_negative_weight_is_refused_by_its_row(rows, negative):
    weights = rows.weights.copy()
    weights[-1] = negative
    with pytest.raises(InputError, match=f"row {len(weights) - 1} has the negative weight"):
        assess(rows.target, rows.prediction, rows.sensitive, weights=weights)
    with pytest.raises(InputError, match="all weights are zero"):
        assess(rows.target, rows.prediction, rows.sensitive, weights=np.zeros(len(rows)))


@pytest.mark.parametrize("labels", [[0, 1, 2], [0.0, 1.0, 0.5], ["yes", "no", "maybe"]])
def test_labels_that_nobody_declared_are_refused(labels):
    flags, groups = np.array([True, False, True]), pd.DataFrame({"g": ["a", "b", "b"]})
    with pytest.raises(InputError, match="not true and false"):
        assess(np.array(labels), flags, groups)
    with pytest.raises(InputError, match="not true and false"):
        assess(flags, np.array(labels), groups)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_missing_sensitive_values_are_shown_apart_and_compared_with_nobody(missing):
    target = np.array([True, True, False, False] * 25)
    prediction = np.array([True, False, True, False] * 25)
    groups = pd.DataFrame({"g": pd.Series(["a"] * 60 + [missing] * 40, dtype=object)})
    found = assess(target, prediction, groups)
    assert [(group.name, group.count) for group in found.groups] == [("a", 60), ("(missing)", 40)]
    assert [group.is_unknown for group in found.groups] == [False, True]
    assert found.groups[1].figures["selection_rate"].estimate == 0.5
    gap = found.disparity("demographic_parity_difference").figure
    assert (gap.estimate, gap.reason) == (
        None,
        "there is only one group, so nothing to compare it with",
    )
    assert found.four_fifths.verdict == "undefined"
    assert found.four_fifths.sentence.endswith("Left out as of unknown group: 40 rows.")
    # With a second group of known value the comparison is of these two, whatever the unknown are.
    groups.iloc[:30, 0] = "b"
    both = assess(target, prediction, groups)
    alone = assess(target[:60], prediction[:60], groups[:60])
    for one, other in zip(both.disparities, alone.disparities, strict=True):
        assert one == other
    assert both.four_fifths.ratio == alone.four_fifths.ratio


@pytest.mark.parametrize("table", [(0, 0, 0, 9), (0, 0, 9, 0), (0, 9, 0, 0), (9, 0, 0, 0)])
def test_groups_in_a_single_cell(table):
    """All alike, so each denominator is either everyone or nobody."""
    tn, fp, fn, tp = table
    target = np.array([False] * (tn + fp) + [True] * (fn + tp))
    prediction = np.array([False] * tn + [True] * fp + [False] * fn + [True] * tp)
    both = assess(
        np.tile(target, 2), np.tile(prediction, 2), pd.DataFrame({"g": ["a"] * 9 + ["b"] * 9})
    )
    for item in both.disparities:
        check(item.figure)
        definition = DISPARITIES[item.name]
        if item.figure.estimate is not None:
            assert item.figure.estimate == (0 if definition.comparison == "difference" else 1)
            # Nine of nine in either group never prove the two to be the same.
            assert item.figure.low < item.figure.high
