from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from core.fairness.assessment.assess import assess
from core.fairness.metrics.metric_registry import METRICS, REJECTION_RATE
from tests.core.fairness.tables import PEERS, defined, metric_frame, tables


@settings(max_examples=25, deadline=None)
@given(tables(largest=25))
def test_group_metrics_equal_fairlearn_wherever_they_are_defined(rows):
    result = assess(rows.target, rows.prediction, rows.sensitive, weights=rows.weights, draws=100)
    frame = metric_frame(rows)
    masks = rows.masks()
    for group in result.groups:
        key = tuple(value for _, value in group.group)
        mask = masks[key]
        weights = None if rows.weights is None else rows.weights[mask]
        assert group.count == mask.sum()
        for name in PEERS:
            figure = group.figures[name]
            if defined(name, rows.target[mask], rows.prediction[mask], weights):
                peer = frame.by_group.loc[key, name]
                assert figure.estimate == pytest.approx(peer, abs=1e-12), name
                assert 0 <= figure.low <= figure.estimate <= figure.high <= 1
                assert figure.reason is None
            else:
                assert (figure.estimate, figure.low, figure.high) == (None, None, None)
                assert figure.reason
    for name in PEERS:
        if defined(name, rows.target, rows.prediction, rows.weights):
            overall = result.overall.figures[name].estimate
            assert overall == pytest.approx(frame.overall[name], abs=1e-12)


def test_every_metric_on_a_table_without_any_symmetry():
    """By hand: TN 2, FP 3, FN 5, TP 7. Swapped axes would change precision into recall."""
    table = np.array([[2.0, 3.0], [5.0, 7.0]])
    expected = {
        "selection_rate": 10 / 17,
        "true_positive_rate": 7 / 12,
        "false_positive_rate": 3 / 5,
        "true_negative_rate": 2 / 5,
        "false_negative_rate": 5 / 12,
        "precision": 7 / 10,
        "negative_predictive_value": 2 / 7,
        "accuracy": 9 / 17,
        "prevalence": 12 / 17,
        "balanced_accuracy": (7 / 12 + 2 / 5) / 2,
        "f1": 14 / 22,
        "false_discovery_rate": 3 / 10,
        "false_omission_rate": 5 / 7,
        "false_negative_share": 5 / 8,
    }
    measured = {m.name: m for m in METRICS if m.kind != "scores"}
    assert set(measured) == set(expected)
    for name, value in expected.items():
        assert measured[name].value(table) == pytest.approx(value, abs=1e-15), name
        transposed = measured[name].value(table.T)
        if name not in ("accuracy", "f1"):  # these two treat label and decision alike
            assert abs(transposed - value) > 1e-3, name
    assert REJECTION_RATE.value(table) == pytest.approx(7 / 17, abs=1e-15)


def one_group(target, prediction, weights=None):
    sensitive = pd.DataFrame({"g": ["a"] * len(target)})
    result = assess(np.array(target), np.array(prediction), sensitive, weights=weights, draws=100)
    return result.groups[0].figures


@pytest.mark.parametrize(
    ("target", "prediction", "reasons"),
    [
        (
            [False, False],
            [True, False],
            {
                "true_positive_rate": "no positive labels in this group",
                "false_negative_rate": "no positive labels in this group",
                "balanced_accuracy": "no positive labels in this group",
            },
        ),
        (
            [True, True],
            [True, False],
            {
                "false_positive_rate": "no negative labels in this group",
                "true_negative_rate": "no negative labels in this group",
                "balanced_accuracy": "no negative labels in this group",
            },
        ),
        (
            [True, False],
            [False, False],
            {
                "precision": "no positive decisions in this group",
                "false_discovery_rate": "no positive decisions in this group",
            },
        ),
        (
            [True, False],
            [True, True],
            {
                "negative_predictive_value": "no negative decisions in this group",
                "false_omission_rate": "no negative decisions in this group",
            },
        ),
        (
            [False],
            [False],
            {
                "f1": "no positive labels or positive decisions in this group",
                "false_discovery_rate": "no positive decisions in this group",
                "false_negative_share": "no wrong decisions in this group",
                "precision": "no positive decisions in this group",
                "true_positive_rate": "no positive labels in this group",
                "false_negative_rate": "no positive labels in this group",
                "balanced_accuracy": "no positive labels in this group",
            },
        ),
    ],
)
def test_an_empty_denominator_is_named(target, prediction, reasons):
    figures = one_group(target, prediction)
    scored = {metric.name for metric in METRICS if metric.kind == "scores"}
    found = {n: f.reason for n, f in figures.items() if f.estimate is None and n not in scored}
    assert found == reasons


def test_rows_without_weight_define_nothing():
    figures = one_group([True, False], [True, False], np.array([0.0, 2.0]))
    reason = "all positive labels in this group have weight zero"
    assert figures["true_positive_rate"].reason == reason
    assert figures["false_positive_rate"].estimate == 0


def test_where_fairlearn_answers_zero_for_an_empty_denominator_ours_is_undefined():
    from fairlearn.metrics import equalized_odds_difference

    target = np.array([True, True, False, False])
    prediction = np.array([True, True, False, False])
    sensitive = pd.DataFrame({"g": ["a", "a", "b", "b"]})
    peer = equalized_odds_difference(
        target.astype(int), prediction.astype(int), sensitive_features=sensitive
    )
    assert peer == 1.0  # "as unfair as can be", though nobody in b could be a true positive
    ours = assess(target, prediction, sensitive).disparity("equalized_odds_difference")
    assert ours.figure.estimate is None
    assert "true positive rate is not defined in group b" in ours.figure.reason
    assert "false positive rate is not defined in group a" in ours.figure.reason


def test_every_metric_explains_itself():
    for metric in METRICS:
        assert metric.sentence.startswith(metric.title)
        assert metric.sentence.endswith(".")
        assert "E[" in metric.definition
        assert "A=a" in metric.definition
