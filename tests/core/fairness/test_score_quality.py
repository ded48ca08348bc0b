from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from sklearn.metrics import brier_score_loss

from core.fairness.assessment.assess import assess
from core.fairness.disparities.contrasts import gap_interval
from core.fairness.metrics.group_measurement import MeasuredScores
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.score_quality import BINS, brier_score, expected_calibration_error
from tests.core.fairness.tables import tables


def by_hand(target, scores, weights):
    """Row by row, bin by bin, with the bins' edges compared and not computed."""
    error = 0.0
    for b in range(BINS):
        inside = (scores >= b / BINS) & ((scores < (b + 1) / BINS) | (b == BINS - 1))
        if weights[inside].sum():
            mean = np.average(scores[inside], weights=weights[inside])
            rate = np.average(target[inside], weights=weights[inside])
            error += weights[inside].sum() / weights.sum() * abs(mean - rate)
    return error


@settings(max_examples=15, deadline=None)
@given(tables(columns=1, largest=30))
def test_scores_are_judged_as_scikit_learn_and_a_loop_judge_them(rows):
    scores = np.clip(rows.scores / 3, 0, 1)
    result = assess(
        rows.target, rows.prediction, rows.sensitive, scores=scores, weights=rows.weights, draws=100
    )
    masks = rows.masks()
    for group in result.groups:
        mask = masks[(group.name,)] if (group.name,) in masks else masks[("",)]
        weights = np.ones(len(rows)) if rows.weights is None else rows.weights
        brier, ece = (group.figures[n] for n in ("brier", "expected_calibration_error"))
        if not weights[mask].any():
            assert brier.reason == "no rows with a weight above zero in this group"
            assert ece.reason == brier.reason
            continue
        expected = brier_score_loss(
            rows.target[mask], scores[mask], sample_weight=weights[mask], pos_label=True
        )
        assert brier.estimate == pytest.approx(expected, abs=1e-12)
        hand = by_hand(rows.target[mask], scores[mask], weights[mask])
        assert ece.estimate == pytest.approx(hand, abs=1e-12)
        assert 0 <= ece.low <= ece.estimate <= ece.high <= 1
        if brier.low is not None:
            assert 0 <= brier.low <= brier.estimate + 1e-12
            assert brier.estimate - 1e-12 <= brier.high <= 1


def test_scores_that_are_no_probabilities_have_neither():
    figures = assess(
        np.array([True, False]),
        np.array([True, False]),
        pd.DataFrame({"g": ["a", "a"]}),
        scores=np.array([1.5, 0.0]),
    ).overall.figures
    for name in ("brier", "expected_calibration_error"):
        assert figures[name].estimate is None
        assert figures[name].reason == (
            "some scores are no probabilities between 0 and 1 in the data"
        )


@pytest.mark.parametrize("distance", [0.0, 0.02, 0.2])
def test_intervals_hold_the_truth_however_well_calibrated(distance):
    rng = np.random.default_rng(3)
    n, worlds = 300, 400
    held = np.zeros(2)
    for _ in range(worlds):
        scores = rng.uniform(0, 0.8, n)
        true = scores + distance
        target = rng.random(n) < true
        ends = [
            f(np.zeros(n, dtype=np.int64), 1, target, scores)[0].interval(0.95)
            for f in (brier_score, expected_calibration_error)
        ]
        # Over a uniform score on [0, 0.8]: E[p(1−p)] + distance², by integration on a fine grid.
        grid = (np.arange(80_000) + 0.5) / 100_000
        p = grid + distance
        truth = (p * (1 - p)).mean() + distance**2, distance
        held += [low <= value <= high for (low, high), value in zip(ends, truth, strict=True)]
    assert 0.92 <= held[0] / worlds <= 0.985
    assert held[1] / worlds >= 0.94  # conservative by construction


def test_the_interval_of_the_gap_in_calibration_error_holds_the_truth():
    codes, held = np.repeat([0, 1], (100, 400)), 0
    for world in range(60):
        rng = np.random.default_rng(world)
        scores = rng.uniform(0, 0.8, 500)
        target = rng.random(500) < scores + 0.15 * codes
        items = expected_calibration_error(codes, 2, target, scores)
        measured = MeasuredScores(METRICS["expected_calibration_error"], items, 2)
        low, high = gap_interval([measured], np.array([0, 1]), 0.95)
        held += low <= 0.15 <= high
    assert held >= 57  # conservative, as docs/decisions/0010 says
