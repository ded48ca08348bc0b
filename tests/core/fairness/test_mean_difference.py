"""The standardised mean difference, against other code and known differences."""

import numpy as np
import pandas as pd
import pytest

from core.fairness.disparities.mean_difference import mean_differences

MISSING = "(missing)"


def groups(*counts):
    return pd.DataFrame({"g": [name for name, n in counts for _ in range(n)]})


def test_means_spread_and_interval_are_those_of_the_formula():
    rng = np.random.default_rng(3)
    scores = np.concatenate([rng.normal(50, 9, 40), rng.normal(55, 11, 90), [1e6] * 5])
    (found,) = mean_differences(scores, groups(("a", 40), ("b", 90), (MISSING, 5)))
    a, b = scores[:40], scores[40:130]
    pooled = np.sqrt((39 * np.var(a, ddof=1) + 89 * np.var(b, ddof=1)) / 128)
    d = (a.mean() - b.mean()) / pooled
    reach = 1.959963984540054 * np.sqrt(1 / 40 + 1 / 90 + d**2 / 260)
    assert (found.group, found.reference) == ("a", "b")
    assert (found.count, found.reference_count) == (40, 90)
    assert found.pooled_sd == pytest.approx(pooled)
    assert (found.smd.estimate, found.smd.low, found.smd.high) == pytest.approx(
        (d, d - reach, d + reach)
    )


def test_intervals_cover_a_known_difference():
    rng, covered = np.random.default_rng(11), 0
    for _ in range(600):
        scores = np.concatenate([rng.normal(-0.4, 1, 60), rng.normal(0, 1, 80)])
        (found,) = mean_differences(scores, groups(("a", 60), ("b", 80)))
        covered += found.smd.low <= -0.4 <= found.smd.high
    assert 0.93 <= covered / 600 <= 0.97


def test_equal_weights_change_nothing_and_a_weight_of_zero_is_no_row():
    rng = np.random.default_rng(5)
    scores = rng.normal(size=70)
    frame = groups(("a", 30), ("b", 40))
    plain = mean_differences(scores, frame)[0]
    same = mean_differences(scores, frame, weights=np.full(70, 2.5))[0]
    assert same.smd.estimate == pytest.approx(plain.smd.estimate)
    assert same.smd.low == pytest.approx(plain.smd.low)
    weights = np.ones(70)
    weights[25:30] = 0
    cut = mean_differences(scores, frame, weights=weights)[0]
    rows = np.r_[0:25, 30:70]
    assert cut.smd.estimate == pytest.approx(
        mean_differences(scores[rows], frame.iloc[rows])[0].smd.estimate
    )


def test_what_has_no_spread_says_so():
    (one,) = mean_differences(np.array([1.0, 2, 3]), groups(("a", 1), ("b", 2)))
    assert one.smd.estimate is None
    assert "a has fewer than 2 scores" in one.smd.reason
    (flat,) = mean_differences(np.array([1.0, 1, 2, 2]), groups(("a", 2), ("b", 2)))
    assert flat.smd.estimate is None
    assert "the same" in flat.smd.reason
    assert mean_differences(np.array([1.0, 2]), groups(("a", 2))) == ()


def test_a_named_reference_and_groups_left_out():
    scores = np.arange(9.0)
    frame = groups(("a", 2), ("b", 3), ("c", 4))
    assert [f.reference for f in mean_differences(scores, frame, "a")] == ["a", "a"]
    (only,) = mean_differences(scores, frame, left_out=("c",))
    assert (only.group, only.reference) == ("a", "b")


def test_repeated_persons_have_no_interval_of_rows():
    (found,) = mean_differences(np.arange(6.0), groups(("a", 3), ("b", 3)), persons_repeat=True)
    assert found.smd.estimate is not None
    assert found.smd.low is None
    assert "persons have several rows" in found.smd.reason
