from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import (
    binom,
    binomtest,
    chi2,
    chi2_contingency,
    false_discovery_control,
    fisher_exact,
    hypergeom,
    ttest_ind,
)

from core.errors import InputError
from core.fairness.counts.cube import OutcomeCube, count_outcomes
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.ranking import roc_auc
from core.fairness.counts.score_cube import count_scores
from core.fairness.disparities.difference_test import METHOD
from core.fairness.disparities.rate_tests import against_rest
from core.fairness.intervals.intervals import clopper_pearson
from core.fairness.intervals.two_rates import detectable_gap, two_rates
from core.fairness.metrics.metric_registry import METRICS


def cube_of(*tables, weight=1.0):
    count = np.array(tables, dtype=np.int64).reshape(-1, 2, 2)
    groups = tuple((f"g{i}",) for i in range(len(count)))
    return OutcomeCube(("g",), groups, count, count * weight, count * weight**2, weight != 1)


def rejection(n1, n2, p1, p2, level=0.05):
    """Exact probability that the test rejects, over all outcomes that matter."""
    total = 0.0
    first, second = (binom.pmf(np.arange(n + 1), n, p) for n, p in ((n1, p1), (n2, p2)))
    for a in np.flatnonzero(first > 1e-5):
        for b in np.flatnonzero(second > 1e-5):
            if two_rates(a, n1, b, n2)[0] <= level:
                total += first[a] * second[b]
    return total


@pytest.mark.parametrize(("n1", "n2"), [(8, 40), (25, 25), (20, 60)])
@pytest.mark.parametrize("p", [0.03, 0.15, 0.5])
def test_false_alarms_stay_below_six_in_a_hundred(n1, n2, p):
    assert rejection(n1, n2, p, p) <= 0.06


def test_the_score_test_is_pearson_s_with_n_minus_1():
    table = [[30, 70], [55, 95]]
    peer = chi2_contingency(table, correction=False)
    p, method = two_rates(30, 100, 55, 150)
    assert method == "score test"
    assert p == pytest.approx(chi2.sf(peer.statistic * 249 / 250, 1), abs=1e-12)
    assert two_rates(0, 5, 30, 100)[1] == "Fisher's exact test, mid-p"
    assert two_rates(0, 50, 0, 50)[0] == 0.5


@given(st.integers(1, 20), st.integers(1, 30), st.data())
def test_the_exact_test_is_scipy_s_up_to_half_of_what_is_as_likely(n1, n2, data):
    a, b = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    p, method = two_rates(a, n1, b, n2)
    if method == "score test":
        return
    full = fisher_exact([[a, n1 - a], [b, n2 - b]]).pvalue
    chance = hypergeom.pmf(np.arange(n1 + 1), n1 + n2, a + b, n1)
    ties = chance[np.isclose(chance, chance[a], rtol=1e-9, atol=0)].sum()
    assert p == pytest.approx(full - ties / 2, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.data(), st.sampled_from([0.8, 0.95, 0.999]))
def test_clopper_pearson_is_scipy_s(n, data, level):
    k = data.draw(st.integers(0, n))
    peer = binomtest(k, n).proportion_ci(level, method="exact")
    low, high = clopper_pearson(np.array(k), np.array(n), level)
    assert (float(low), float(high)) == pytest.approx((peer.low, peer.high), abs=1e-9)


@pytest.mark.parametrize(("n1", "n2", "p2"), [(60, 200, 0.3), (100, 100, 0.5), (40, 100, 0.8)])
def test_the_smallest_detectable_gap_is_found_in_eighty_of_a_hundred_samples(n1, n2, p2):
    gap = detectable_gap(n1, n2, p2)
    sides = [p for p in (p2 + gap, p2 - gap) if 0 <= p <= 1]
    power = min(rejection(n1, n2, p, p2) for p in sides)
    assert 0.75 <= power <= 0.87


def test_groups_are_tested_against_the_rest():
    cube = cube_of([60, 40, 20, 80], [80, 20, 45, 55], [5, 5, 0, 0])
    a, b, c = against_rest(cube, "true_positive_rate")
    assert a.difference == pytest.approx(80 / 100 - 55 / 100)
    assert a.p_value == pytest.approx(b.p_value)
    assert a.adjusted == pytest.approx(a.p_value)
    assert a.adjusted < 0.001
    assert c.p_value is None
    assert c.reason == "no positive labels in this group"
    rates = against_rest(cube, "selection_rate")
    p = np.array([t.p_value for t in rates])
    assert [t.adjusted for t in rates] == pytest.approx(false_discovery_control(p))
    assert all(0 < t.detectable < 1 for t in rates)
    # Doubling all weights tells nothing new.
    doubled = cube_of([60, 40, 20, 80], [80, 20, 45, 55], [5, 5, 0, 0], weight=2.0)
    assert [t.p_value for t in against_rest(doubled, "selection_rate")] == pytest.approx(p)


def test_a_single_group_has_no_rest():
    for name in ("accuracy", "f1", "balanced_accuracy"):
        (only,) = against_rest(cube_of([1, 2, 3, 4]), name)
        assert only.p_value is None
        assert only.reason.endswith("outside this group")
    with pytest.raises(InputError, match="needs scores"):
        against_rest(cube_of([1, 2, 3, 4]), "brier")
    with pytest.raises(InputError, match=r"0\.5 and 1"):
        against_rest(cube_of([1, 2, 3, 4]), "accuracy", power=0.3)
    assert detectable_gap(3, 5, 0.5) is None


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rest_of_rate_zero_or_one_leaves_a_gap_to_be_seen(rate):
    gap = detectable_gap(40, 200, rate)
    assert 0.02 < gap < 0.3
    assert gap == pytest.approx(detectable_gap(40, 200, abs(rate - 1e-7)), abs=1e-4)


def scored(rng, sizes, strength):
    """Rows of groups whose scores tell more of the outcome the larger their strength."""
    codes = np.repeat(np.arange(len(sizes)), sizes)
    target = rng.random(len(codes)) < 0.4
    noise = rng.normal(size=len(codes)) + np.array(strength)[codes] * target
    return codes, target, np.round(ndtr(noise - 0.7), 3)


def cubes(codes, target, scores):
    grouping = group_rows(pd.DataFrame({"g": np.array(["g0", "g1", "g2"])[codes]}))
    return count_outcomes(grouping, target, scores > 0.5), count_scores(grouping, target, scores)


def test_every_metric_is_tested_against_the_rest():
    cube, scores = cubes(*scored(np.random.default_rng(3), (400, 300, 200), (2.5, 1.0, 1.0)))
    for metric in METRICS:
        found = against_rest(cube, metric.name, scores=scores)
        assert [test.group for test in found] == ["g0", "g1", "g2"]
        p = np.array([test.p_value for test in found])
        assert [t.adjusted for t in found] == pytest.approx(false_discovery_control(p))
        if metric.kind != "rate":
            assert {test.method for test in found} == {METHOD}
    for name, sign in (("roc_auc", 1), ("f1", 1), ("balanced_accuracy", 1), ("brier", -1)):
        first = against_rest(cube, name, scores=scores)[0]
        assert first.difference * sign > 0.05
        assert first.adjusted < 0.01
        assert 0.02 < first.detectable < 0.3


def test_a_test_of_two_areas_is_the_z_test_of_de_long_s_errors():
    codes, target, scores = scored(np.random.default_rng(5), (500, 700), (1.2, 0.9))
    cube, binned = cubes(codes, target, scores)
    found = against_rest(cube, "roc_auc", scores=binned)[0]
    a, b = roc_auc(codes, 2, target, scores)
    assert found.difference == pytest.approx(a.estimate - b.estimate, abs=1e-9)
    z = (a.estimate - b.estimate) / np.hypot(a.standard_error, b.standard_error)
    assert found.p_value == pytest.approx(2 * ndtr(-abs(z)), abs=0.02)
    brier = against_rest(cube, "brier", scores=binned)[0]
    squares = np.square(scores - target)
    peer = ttest_ind(squares[codes == 0], squares[codes == 1], equal_var=False)
    assert brier.p_value == pytest.approx(peer.pvalue, abs=0.02)


@pytest.mark.parametrize("name", ["f1", "balanced_accuracy", "roc_auc", "brier"])
def test_false_alarms_of_inverted_intervals(name):
    """Two like groups of 60 and 200: 5 % of 300 tests, and at most three standard errors more."""
    rng, alarms = np.random.default_rng(11), 0
    for _ in range(300):
        cube, scores = cubes(*scored(rng, (60, 200), (1.0, 1.0)))
        alarms += against_rest(cube, name, scores=scores)[0].p_value <= 0.05
    assert alarms <= 26
