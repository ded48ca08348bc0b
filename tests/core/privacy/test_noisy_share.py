from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fairness.intervals.intervals import wilson
from core.privacy.mechanisms.noise import Seeded, noise_rate, simulated_noise
from core.privacy.release.noisy_share import NoiseSize, noisy_share, noisy_share_interval, swamped

COUNTS = st.integers(-500, 5000)


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.5, 0.999))
def test_without_noise_it_is_wilsons(hits: int, misses: int, level: float) -> None:
    a, b = np.array([float(hits)]), np.array([float(misses)])
    low, high = noisy_share_interval(a, b, (1, 1), NoiseSize(), level)
    if hits + misses == 0:
        assert np.isnan(low).all()
        return
    expected = wilson(a / (a + b), a + b, level)
    assert low == pytest.approx(expected[0], abs=1e-9)
    assert high == pytest.approx(expected[1], abs=1e-9)


@given(COUNTS, COUNTS, st.floats(0.01, 50), st.integers(1, 40), st.floats(0.0, 0.9999))
def test_ends_are_in_order_hold_the_share_and_widen_with_noise(
    hits: int, misses: int, epsilon: float, cells: int, level: float
) -> None:
    a, b = np.array([float(hits)]), np.array([float(misses)])
    noise = NoiseSize.of(epsilon, 1)
    low, high = noisy_share_interval(a, b, (cells, cells), noise, level)
    if swamped(a + b, 2 * cells, noise)[0]:
        assert np.isnan(low[0])
        assert np.isnan(high[0])
        return
    share = noisy_share(a, b)[0]
    assert 0 <= low[0] <= share <= high[0] <= 1
    wide_low, wide_high = noisy_share_interval(a, b, (cells, cells), noise, level, bounded=False)
    assert wide_low[0] <= low[0] + 1e-9
    assert wide_high[0] >= high[0] - 1e-9


def test_the_ends_solve_the_score_equation() -> None:
    # By hand: T(p)² = z² V(p) at both ends, with the widened z read off the low end.
    a, b, noise = np.array([60.0]), np.array([140.0]), NoiseSize(8.0, 0.0)
    for end in noisy_share_interval(a, b, (1, 1), noise, 0.95):
        p = end[0]
        variance = 200 * p * (1 - p) + 8 * (1 - p) ** 2 + 8 * p**2
        assert abs(60 * (1 - p) - 140 * p) / np.sqrt(variance) == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize(("epsilon", "rows"), [(0.1, 500), (0.5, 100), (1.0, 5000), (4.0, 500)])
def test_the_true_rate_is_covered(epsilon: float, rows: int) -> None:
    rng = np.random.default_rng(0)
    for p in (0.2, 0.5):
        hits = rng.binomial(rows, p, 4000)
        a = (hits + simulated_noise(epsilon, (4000,), rng)).astype(float)
        b = (rows - hits + simulated_noise(epsilon, (4000,), rng)).astype(float)
        low, high = noisy_share_interval(a, b, (1, 1), NoiseSize.of(epsilon, 1), 0.95)
        covered = ((low <= p) & (p <= high))[~np.isnan(low)]
        assert len(covered) > 3900
        assert 0.93 <= covered.mean() <= 0.97
        # Wilson's, which ignores the noise, does not cover where noise is large.
        if epsilon <= 0.5:
            total = np.maximum(a + b, 1)
            naive = wilson(np.clip(a / total, 0, 1), total, 0.95)
            assert ((naive[0] <= p) & (p <= naive[1])).mean() < 0.93


def test_noise_on_a_number_in_another_unit_shrinks_with_the_unit() -> None:
    drawn = np.array(Seeded(3).draw(noise_rate(0.5, 8), 40_000)) / 8.0
    size = NoiseSize.of(0.5, 8, 8.0)
    assert size.variance == pytest.approx(drawn.var(), rel=0.05)
    fourth = (drawn**4).mean() - 3 * drawn.var() ** 2
    assert size.fourth_cumulant == pytest.approx(fourth, rel=0.4)
