from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import studentized_range

from core.fairness.intervals.extremes import Part, _noise, largest_difference, on_logarithms
from core.fairness.intervals.intervals import normal_quantile
from core.fairness.intervals.rate_intervals import near_exact


def normal(estimates, errors):
    """Figures with known standard errors."""
    estimates, errors = np.array(estimates, dtype=float), np.array(errors, dtype=float)

    def ends(level):
        half = normal_quantile(level) * errors
        return estimates - half, estimates + half

    return Part(estimates, ends)


def rates(hits, sizes):
    share, sizes = np.array(hits) / np.array(sizes), np.array(sizes, dtype=float)
    return Part(
        share,
        lambda level: near_exact(share, sizes, level),
        lambda level: near_exact(np.zeros(len(sizes)), sizes, level)[1].max(),
    )


def logarithms(part, sizes):
    sizes = np.array(sizes, dtype=float)
    return on_logarithms(
        part, lambda level: -np.log(near_exact(np.ones(len(sizes)), sizes, level)[0].min())
    )


@pytest.mark.parametrize("k", [2, 3, 5, 8, 20])
def test_all_pairs_of_like_figures_reach_as_far_as_tukey_says(k):
    furthest = _noise([normal(np.zeros(k), np.ones(k))]).max(axis=1)
    peer = studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2)
    assert np.quantile(furthest, 0.95) == pytest.approx(peer, abs=0.08)


def test_two_figures_far_apart_have_the_plain_interval_of_their_difference():
    low, high = largest_difference([normal([0.8, 0.1], [0.03, 0.04])], 0.95)
    assert low == pytest.approx(0.7 - 1.96 * 0.05, abs=1e-4)
    assert high == pytest.approx(0.7 + 1.96 * 0.05, abs=1e-4)


def test_two_like_figures_may_be_equal_and_their_gap_ends_where_one_s_own_interval_does():
    low, high = largest_difference([normal([0.5, 0.5], [0.03, 0.04])], 0.95)
    assert (low, high) == (0, pytest.approx(1.96 * 0.05, abs=1e-4))


def test_groups_that_cannot_be_furthest_apart_cost_nothing():
    two = largest_difference([normal([0.9, 0.1], [0.02, 0.02])], 0.95)
    many = largest_difference([normal([0.9, 0.1, 0.5, 0.5, 0.5], [0.02] * 5)], 0.95)
    assert many == pytest.approx(two, abs=1e-12)


def test_the_worst_of_several_figures_counts():
    near, far = normal([0.5, 0.5], [0.02] * 2), normal([0.9, 0.1], [0.02] * 2)
    assert largest_difference([near, far], 0.95) == pytest.approx(
        largest_difference([far], 0.95), abs=1e-12
    )


def test_a_rate_of_zero_bounds_a_ratio_from_one_side():
    low, high = largest_difference([on_logarithms(rates([0, 40], [40, 80]))], 0.95)
    assert high == np.inf
    assert 1 < low < np.log(0.5 / 0.01)
    assert largest_difference([on_logarithms(rates([0, 1], [5, 5]))], 0.95) == (0, np.inf)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), min_size=2, max_size=6),
    st.sampled_from([0.8, 0.95, 0.99]),
)
def test_intervals_hold_the_estimate_and_grow_with_the_level(cells, level):
    part = rates([min(h, n) for h, n in cells], [n for _, n in cells])
    low, high = largest_difference([part], level)
    gap = part.estimates.max() - part.estimates.min()
    assert 0 <= low <= gap + 1e-12
    assert gap - 1e-12 <= high <= 1 + 1e-9
    # Which pairs can be the furthest apart doesn't depend on the level.
    wider = largest_difference([part], 0.999)
    assert wider[0] <= low
    assert wider[1] >= high
    turned = Part(part.estimates[::-1], lambda a: tuple(e[::-1] for e in part.ends(a)), part.floor)
    assert largest_difference([turned], level)[1] == pytest.approx(high)


WORLDS = {
    "two tiny": ((5, 5), (0.5, 0.5)),
    "tiny and large, rare": ((5, 400), (0.02, 0.02)),
    "tiny and large": ((5, 400), (0.5, 0.1)),
    "unequal": ((40, 400), (0.5, 0.5)),
    "four small, like": ((5, 10, 20, 40), (0.2, 0.2, 0.2, 0.2)),
    "four small, unlike": ((5, 10, 20, 40), (0.1, 0.3, 0.5, 0.7)),
    "tiny and large, apart": ((1000, 10), (0.02, 0.3)),
    "two apart": ((10, 10), (0.2, 0.6)),
    "three apart": ((40, 100, 400), (0.65, 0.5, 0.35)),
    "eight like": ((100,) * 8, (0.3,) * 8),
    "eight rare": ((20,) * 8, (0.02,) * 8),
}


def held(sizes, true, worlds, seed=0):
    """Share of worlds in which the largest gap, and the smallest ratio, lie in their intervals."""
    hits = np.random.default_rng(seed).binomial(sizes, true, size=(worlds, len(sizes)))
    gap, ratio = max(true) - min(true), np.log(max(true) / min(true))
    found = np.zeros(2)
    drawn, counts = np.unique(hits, axis=0, return_counts=True)
    defined = counts[drawn.sum(axis=1) > 0].sum()
    for row, times in zip(drawn, counts, strict=True):
        part = rates(row, sizes)
        low, high = largest_difference([part], 0.95)
        found[0] += times * (low - 1e-12 <= gap <= high + 1e-12)
        if row.any():
            low_ratio, high_ratio = largest_difference([logarithms(part, sizes)], 0.95)
            low_ratio = 0.0 if low == 0 else low_ratio
            found[1] += times * (low_ratio - 1e-9 <= ratio <= high_ratio + 1e-9)
    return found / (worlds, defined)


@pytest.mark.parametrize(
    "name", ["two tiny", "tiny and large, rare", "tiny and large, apart", "two apart"]
)
def test_small_groups_are_covered(name):
    # Few distinct tables, so that thousands of worlds are quick.
    assert held(*WORLDS[name], 4000).min() >= 0.93


@pytest.mark.slow
@pytest.mark.parametrize("name", list(WORLDS))
def test_coverage_in_two_thousand_worlds(name):
    shares = held(*WORLDS[name], 2000)
    print(f"\n{name}: gap {shares[0]:.3f}, ratio {shares[1]:.3f}")
    assert shares.min() >= 0.93
