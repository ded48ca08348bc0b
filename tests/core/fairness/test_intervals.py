from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.fairness.counts.cube import OutcomeCube
from core.fairness.intervals.intervals import (
    cell_draws,
    effective_size,
    independent_level,
    mean_of_two,
    simultaneous_box,
    wilson,
)
from core.fairness.metrics.metric_registry import METRICS


@given(st.integers(1, 5000), st.data(), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_wilson_equals_scipy(n, data, level):
    k = data.draw(st.integers(0, n))
    peer = stats.binomtest(k, n).proportion_ci(level, method="wilson")
    low, high = wilson(np.array(k / n), np.array(float(n)), level)
    assert low == pytest.approx(peer.low, abs=1e-12)
    assert high == pytest.approx(peer.high, abs=1e-12)


def test_wilson_of_nothing_is_undefined():
    low, high = wilson(np.array([np.nan]), np.array([0.0]), 0.95)
    assert np.isnan(low).all()
    assert np.isnan(high).all()


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30))
def test_effective_size_lies_between_one_and_the_count(weights):
    w = np.array(weights)
    size = float(effective_size(w.sum(), np.square(w).sum()))
    assert 1 - 1e-9 <= size <= len(w) + 1e-9
    assert float(effective_size(np.full(3, 2.0).sum(), np.square(np.full(3, 2.0)).sum())) == 3


def test_interval_of_a_mean_of_two_is_newcombes():
    """Newcombe (1998), Statistics in Medicine 17, table II: 56/70 − 48/80, method 10."""
    p1, p2 = np.array(56 / 70), np.array(48 / 80)
    first = (p1, wilson(p1, np.array(70.0), 0.95))
    low2, high2 = wilson(p2, np.array(80.0), 0.95)
    # The difference is twice the mean of p1 and −p2.
    low, high = mean_of_two(first, (-p2, (-high2, -low2)))
    assert 2 * low == pytest.approx(0.0524, abs=5e-5)
    assert 2 * high == pytest.approx(0.3339, abs=5e-5)


def _cube(weight: np.ndarray, squared: np.ndarray) -> OutcomeCube:
    groups = tuple((str(g),) for g in range(len(weight)))
    return OutcomeCube(("group",), groups, weight.astype(np.int64), weight, squared)


CELLS = np.array([[[0.0, 3.0], [4.0, 9.0]], [[20.0, 5.0], [1.0, 0.0]]])


@pytest.mark.parametrize(
    ("name", "a", "b"),
    [
        ("true_positive_rate", 9.5, 4.5),
        ("false_positive_rate", 3.5, 0.5),
        ("selection_rate", 13, 5),
        ("precision", 9.5, 3.5),
        ("accuracy", 10, 8),
    ],
)
def test_rates_are_drawn_as_from_the_cells(name, a, b):
    metric = METRICS[name]
    rng = np.random.default_rng(0)
    direct = metric.draw(_cube(CELLS, CELLS), 20_000, rng)[:, 0]
    through_cells = metric.value(cell_draws(CELLS, CELLS, 20_000, rng))[:, 0]
    # Seeded, so these either hold or not: 0.0163 is the critical distance at p = 0.00005.
    assert stats.kstest(direct, stats.beta(a, b).cdf).statistic < 0.0163
    assert stats.kstest(through_cells, stats.beta(a, b).cdf).statistic < 0.0163


def test_cell_draws_are_shares_and_an_empty_cell_is_not_certain():
    draws = cell_draws(CELLS, CELLS, 500, np.random.default_rng(1))
    np.testing.assert_allclose(draws.sum(axis=(2, 3)), 1)
    assert np.quantile(draws[:, 0, 0, 0], 0.95) > 0.01


def test_weights_widen_the_draws_as_their_effective_size_says():
    rng = np.random.default_rng(2)
    w = rng.choice([0.2, 5.0], 400)
    cells = np.zeros((1, 2, 2)), np.zeros((1, 2, 2))
    cell = rng.integers(0, 4, 400)
    for i in range(4):
        cells[0].reshape(4)[i] = w[cell == i].sum()
        cells[1].reshape(4)[i] = np.square(w[cell == i]).sum()
    size = w.sum() ** 2 / np.square(w).sum()
    draws = METRICS["accuracy"].draw(_cube(*cells), 20_000, rng)[:, 0]
    share = METRICS["accuracy"].value(cells[0])[0]
    assert draws.std() == pytest.approx(np.sqrt(share * (1 - share) / (size + 3)), rel=0.03)
    through_cells = METRICS["balanced_accuracy"].draw(_cube(*cells), 20_000, rng)[:, 0]
    assert 0.5 / np.sqrt(400) < through_cells.std() < 1 / np.sqrt(size)


def test_one_column_gives_the_percentile_interval():
    draws = np.random.default_rng(0).normal(size=(4000, 1))
    low, high = simultaneous_box(draws, 0.95)
    np.testing.assert_allclose([low[0], high[0]], np.quantile(draws, [0.025, 0.975]), atol=0.01)
    assert ((draws >= low) & (draws <= high)).mean() == 0.95


@pytest.mark.parametrize("m", [2, 10, 60])
def test_the_box_holds_the_asked_share_of_draws_and_no_more(m):
    rng = np.random.default_rng(m)
    draws = rng.normal(size=(4000, m)) @ rng.normal(size=(m, m))
    low, high = simultaneous_box(draws, 0.9)
    inside = ((draws >= low) & (draws <= high)).all(axis=1).mean()
    assert inside >= 0.9
    ordered = np.sort(draws, axis=0)
    inner_low = ordered[np.searchsorted(ordered[:, 0], low[0]) + 1]
    inner_high = ordered[np.searchsorted(ordered[:, 0], high[0]) - 1]
    assert ((draws >= inner_low) & (draws <= inner_high)).all(axis=1).mean() < 0.9
    assert (high - low > 2 * 1.6 * draws.std(axis=0)).all()


def test_box_of_equal_columns_is_that_of_one():
    one = np.random.default_rng(5).exponential(size=(2000, 1))
    low, high = simultaneous_box(np.repeat(one, 4, axis=1), 0.95)
    low1, high1 = simultaneous_box(one, 0.95)
    np.testing.assert_array_equal(low, np.repeat(low1, 4))
    np.testing.assert_array_equal(high, np.repeat(high1, 4))


def test_independent_intervals_hold_together():
    assert independent_level(0.95, 7) ** 7 == pytest.approx(0.95)
    assert independent_level(0.95, 1) == 0.95
