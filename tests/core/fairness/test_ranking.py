from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from sklearn.metrics import roc_auc_score

from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.fairness.counts.ranking import ScoreEstimate, roc_auc
from tests.core.fairness.tables import tables


def area(target, scores, weights=None):
    codes = np.zeros(len(target), dtype=np.int64)
    return roc_auc(codes, 1, np.asarray(target), np.asarray(scores, dtype=float), weights)[0]


@settings(max_examples=80, deadline=None)
@given(tables())
def test_area_equals_scikit_learn_in_every_group(rows):
    result = assess(
        rows.target,
        rows.prediction,
        rows.sensitive,
        scores=rows.scores,
        weights=rows.weights,
        draws=100,
    )
    masks = rows.masks()
    for group in (*result.groups, result.overall):
        mask = masks.get(tuple(v for _, v in group.group), np.ones(len(rows), dtype=bool))
        weights = np.ones(len(rows)) if rows.weights is None else rows.weights
        figure = group.figures["roc_auc"]
        both = [weights[mask & (rows.target == label)].sum() > 0 for label in (True, False)]
        if all(both):
            peer = roc_auc_score(rows.target[mask], rows.scores[mask], sample_weight=weights[mask])
            assert figure.estimate == pytest.approx(peer, abs=1e-12)
        else:
            assert figure.estimate is None
            assert figure.reason.startswith("no positive" if not both[0] else "no negative")
        if figure.low is not None:
            assert 0 <= figure.low <= figure.estimate <= figure.high <= 1


def delong_by_loops(target, scores):
    """Structural components as printed in the paper, pair by pair."""
    x, y = scores[target], scores[~target]
    kernel = np.array([[1.0 if a > b else 0.5 if a == b else 0.0 for b in y] for a in x])
    return kernel.mean(), np.sqrt(
        kernel.mean(axis=1).var(ddof=1) / len(x) + kernel.mean(axis=0).var(ddof=1) / len(y)
    )


@pytest.mark.parametrize("seed", range(8))
def test_standard_error_equals_the_paper_pair_by_pair(seed):
    rng = np.random.default_rng(seed)
    target = rng.random(30) < 0.4
    scores = np.round(rng.normal(target, 1), 1)
    found = area(target, scores)
    value, error = delong_by_loops(target, scores)
    assert found.estimate == pytest.approx(value, abs=1e-12)
    assert found.standard_error == pytest.approx(error, abs=1e-12)


def test_weights_that_do_not_differ_change_nothing_and_zeros_drop_rows():
    rng = np.random.default_rng(3)
    target = rng.random(60) < 0.5
    scores = np.round(rng.normal(target, 1), 1)
    plain = area(target, scores)
    scaled = area(target, scores, np.full(60, 2.5))
    assert scaled.estimate == pytest.approx(plain.estimate, abs=1e-12)
    assert scaled.standard_error == pytest.approx(plain.standard_error, abs=1e-12)
    keep = rng.random(60) < 0.7
    dropped, zero = area(target[keep], scores[keep]), area(target, scores, keep.astype(float))
    assert zero.estimate == pytest.approx(dropped.estimate, abs=1e-12)
    assert zero.standard_error == pytest.approx(dropped.standard_error, abs=1e-12)


def test_weighted_standard_error_is_that_of_many_samples():
    rng = np.random.default_rng(4)
    estimates, errors = [], []
    for _ in range(400):
        target = np.arange(120) % 2 == 0
        found = area(target, rng.normal(target, 1), rng.choice([0.5, 1.0, 4.0], 120))
        estimates.append(found.estimate)
        errors.append(found.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.12)


def test_logit_interval_by_hand():
    target = np.array([True, False, True, False, True, False])
    scores = np.array([3.0, 1.0, 2.0, 2.5, 4.0, 0.0])
    found = area(target, scores)
    value, error = delong_by_loops(target, scores)
    assert value == pytest.approx(8 / 9)
    half = 1.959963984540054 * error / (value * (1 - value))
    low, high = found.interval(0.95)
    assert np.log(low / (1 - low)) == pytest.approx(np.log(8) - half, abs=1e-9)
    assert np.log(high / (1 - high)) == pytest.approx(np.log(8) + half, abs=1e-9)


def test_perfect_ranking_is_not_certain():
    low, high = area([True, True, True, False, False], [5, 6, 7, 1, 2]).interval(0.95)
    assert high == 1
    assert 0.2 < low < 0.5
    assert area([True, False, True, False], [1, 2, 1, 2]).interval(0.95)[0] == 0


@pytest.mark.parametrize("gap", [0.0, 4e-16, 9e-13, 2e-12])
def test_a_ranking_that_is_perfect_up_to_rounding_is_not_certain_either(gap):
    found = ScoreEstimate(1.0 - gap, 1e-17, 8.0)
    low, _ = found.interval(0.95)
    if gap < 1e-12:
        assert low == pytest.approx(ScoreEstimate(1.0, 0.0, 8.0).interval(0.95)[0], abs=1e-9)
        assert np.quantile(found.draw(4000, np.random.default_rng(0)), 0.025) < 0.9
    else:
        assert low > 0.999


def test_weights_whose_sums_round_leave_a_perfect_ranking_perfect():
    rng = np.random.default_rng(3)
    for _ in range(200):
        n = int(rng.integers(6, 40))
        target = np.r_[np.zeros(n, bool), np.ones(n, bool)]
        found = area(target, np.arange(2 * n), rng.uniform(0.01, 3, 2 * n))
        assert found.interval(0.95)[0] < 0.97


def test_one_label_of_a_kind_has_an_area_but_no_interval():
    found = area([True, False, False], [2, 1, 3])
    assert found.estimate == 0.5
    assert found.interval(0.95) is None
    assert "at least two positive and two negative" in found.reason


def test_extreme_scores_are_ranked_and_odd_ones_refused():
    assert area([True, True, False, False], [1e300, 5e-324, -1e300, 0]).estimate == 1
    flags = np.array([True, False])
    sensitive = pd.DataFrame({"g": ["a", "b"]})
    with pytest.raises(InputError, match="scores: row 1 holds no finite number"):
        assess(flags, flags, sensitive, scores=np.array([0.5, np.nan]))
    with pytest.raises(InputError, match="scores"):
        assess(flags, flags, sensitive, scores=np.array([0.5]))
