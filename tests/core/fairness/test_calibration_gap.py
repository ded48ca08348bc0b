from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fairness.assessment.assess import assess
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.score_cube import count_scores
from core.fairness.disparities.calibration_gap import SMALLEST_BIN, calibration_gap
from core.fairness.metrics.score_calibration import expected_calibration_error as from_cube
from core.fairness.metrics.score_quality import BINS, expected_calibration_error


def estimates(codes, target, scores, weights=None):
    return expected_calibration_error(codes, int(codes.max()) + 1, target, scores, weights)


def by_hand(codes, target, scores):
    """Find the largest gap row by row, with pandas and none of the code under test."""
    rows = pd.DataFrame({"g": codes, "bin": np.floor(scores * 10).clip(max=9), "s": scores})
    rows["excess"] = target - scores
    cells = rows.groupby(["bin", "g"]).agg(n=("s", "size"), excess=("excess", "mean"))
    cells = cells[cells.n >= SMALLEST_BIN].excess
    gaps = [part.max() - part.min() for _, part in cells.groupby("bin") if len(part) > 1]
    return max(gaps) if gaps else None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(5, 400))
def test_the_gap_is_what_a_table_by_hand_says(seed, groups, n):
    rng = np.random.default_rng(seed)
    codes = np.r_[np.arange(groups), rng.integers(0, groups, n)]
    scores = rng.choice([0.05, 0.33, 0.37, 0.99, 1.0], len(codes))
    target = rng.random(len(codes)) < 0.5
    found = calibration_gap(estimates(codes, target, scores), 0.95).figure
    expected = by_hand(codes, target, scores)
    if expected is None:
        assert found.estimate is None
        assert "no bin of scores" in found.reason
    else:
        assert found.estimate == pytest.approx(expected, abs=1e-12)
        assert 0 <= found.low <= found.estimate <= found.high <= 1 + 1 / BINS


def test_rows_and_cube_give_the_same_and_an_assessment_shows_it():
    rng = np.random.default_rng(1)
    codes, scores = rng.integers(0, 3, 900), rng.integers(0, 100, 900) / 100
    target = rng.random(900) < np.clip(scores + 0.25 * (codes == 2), 0, 1)
    sensitive = pd.DataFrame({"g": np.array(["a", "b", "c"])[codes]})
    exact = calibration_gap(estimates(codes, target, scores), 0.95)
    binned = calibration_gap(from_cube(count_scores(group_rows(sensitive), target, scores)), 0.95)
    assert binned.figure.estimate == pytest.approx(exact.figure.estimate, abs=1e-9)
    assert binned.figure.high == pytest.approx(exact.figure.high, abs=1e-9)
    shown = assess(target, scores > 0.5, sensitive, scores=scores).disparity("calibration_gap")
    assert shown.figure == exact.figure
    assert shown.figure.low > 0
    assert shown.between[0] == "c"
    without = assess(target, scores > 0.5, sensitive).disparity("calibration_gap").figure
    assert without.reason.endswith("no scores were given")


def test_scores_that_lie_differently_within_a_bin_are_no_gap():
    codes = np.repeat([0, 1], 5000)
    scores = np.where(codes == 0, 0.401, 0.499)
    target = np.r_[np.arange(5000) < 2005, np.arange(5000) < 2495]
    assert calibration_gap(estimates(codes, target, scores), 0.95).figure.estimate < 1e-9


@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_the_interval_holds_the_true_gap(shift):
    """Groups of 60 and 300 over four bins; the second group's outcomes are likelier in one."""
    rng, held, worlds = np.random.default_rng(4), 0, 300
    codes = np.repeat([0, 1], (60, 300))
    scores = np.tile([0.15, 0.35, 0.55, 0.75], 90)
    true = scores + shift * ((codes == 1) & (scores == 0.35))
    for _ in range(worlds):
        found = calibration_gap(estimates(codes, rng.random(360) < true, scores), 0.95).figure
        held += found.low - 1e-12 <= shift <= found.high + 1e-12
    assert held / worlds >= 0.925
