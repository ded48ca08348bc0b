from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from core.errors import InputError
from core.privacy.mechanisms import noise
from core.privacy.mechanisms.noise import (
    FRESH,
    LARGEST,
    Seeded,
    noise_fourth_cumulant,
    noise_reach,
    noise_variance,
    noisy,
    sensitivity_of_counts,
    simulated_noise,
)


def mass(rate: float, ks: np.ndarray) -> np.ndarray:
    """P(k) = (1 − r) / (1 + r) · r^|k|, written down by hand."""
    r = math.exp(-rate)
    return (1 - r) / (1 + r) * r ** np.abs(ks)


def chi_square(drawn: np.ndarray, rate: float, width: int) -> float:
    ks = np.arange(-width, width + 1)
    expected = len(drawn) * np.append(mass(rate, ks), 1 - mass(rate, ks).sum())
    seen = np.array([*((drawn == k).sum() for k in ks), (np.abs(drawn) > width).sum()])
    return float(((seen - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("rate", [0.3, 1.0, 2.5])
def test_both_samplers_have_the_stated_distribution(rate: float) -> None:
    width = max(2, round(3 / rate))
    critical = chi2.ppf(1 - 1e-6, 2 * width + 1)
    exact = np.array(FRESH.draw(Fraction(rate), 10_000))
    assert chi_square(exact, rate, width) < critical
    assert chi_square(np.array(FRESH.draw(Fraction(2 * rate), 10_000)), rate, width) > critical
    bulk = simulated_noise(rate, (200_000,), np.random.default_rng(0))
    assert chi_square(bulk, rate, width) < critical


def test_exact_noise_agrees_with_opendp() -> None:
    import opendp.prelude as dp

    dp.enable_features("contrib")
    domain = dp.vector_domain(dp.atom_domain(T=int))
    theirs = np.array(dp.m.make_laplace(domain, dp.l1_distance(T=int), scale=2.0)([0] * 20_000))
    ours = np.array(FRESH.draw(Fraction(1, 2), 20_000))
    table = np.array([[(part == k).sum() for k in range(-6, 7)] for part in (theirs, ours)])
    expected = table.sum(axis=0) / 2
    assert ((table - expected) ** 2 / expected).sum() < chi2.ppf(1 - 1e-6, 12)
    assert theirs.var() == pytest.approx(noise_variance(0.5, 1), rel=0.1)


@pytest.mark.parametrize("epsilon", [0.05, 0.7, 3.0, 20.0])
@pytest.mark.parametrize("sensitivity", [1, 2])
def test_moments_and_reach_are_those_of_the_distribution(epsilon: float, sensitivity: int) -> None:
    rate = epsilon / sensitivity
    ks = np.arange(-20_000, 20_001)
    p = mass(rate, ks)
    variance = float((p * ks**2.0).sum())
    fourth = float((p * ks**4.0).sum()) - 3 * variance**2
    assert noise_variance(epsilon, sensitivity) == pytest.approx(variance, rel=1e-9)
    assert noise_fourth_cumulant(epsilon, sensitivity) == pytest.approx(fourth, rel=1e-6)
    reach = noise_reach(epsilon, sensitivity, 0.95)
    assert p[np.abs(ks) <= reach].sum() >= 0.95 - 1e-9
    assert reach == 0 or p[np.abs(ks) < reach].sum() < 0.95


@given(st.floats(5e-324, 1e308, allow_nan=False), st.integers(1, 2**21))
def test_any_epsilon_works_and_numbers_stay_whole_and_bounded(
    epsilon: float, sensitivity: int
) -> None:
    (found,) = noisy([3], epsilon=epsilon, sensitivity=sensitivity)
    assert isinstance(found, int)
    assert -LARGEST <= found <= LARGEST
    assert 0 <= noise_variance(epsilon, sensitivity) < math.inf
    assert 0 <= noise_fourth_cumulant(epsilon, sensitivity) < math.inf
    assert 0 <= noise_reach(epsilon, sensitivity, 0.95) <= LARGEST


def test_a_huge_epsilon_leaves_counts_as_they_are() -> None:
    assert noisy([0, 5, 17], epsilon=1e6, sensitivity=2) == (0, 5, 17)


@pytest.mark.parametrize("epsilon", [0.0, -1.0, math.inf, math.nan])
def test_no_other_epsilon_works(epsilon: float) -> None:
    with pytest.raises(InputError, match="epsilon must be a finite number above 0"):
        noisy([1], epsilon=epsilon, sensitivity=1)


def test_a_seed_repeats_and_says_so_and_fresh_noise_does_not() -> None:
    runs = [noisy([0] * 50, epsilon=0.1, sensitivity=1, source=Seeded(7)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert Seeded(7).noise == "seeded"
    assert FRESH.noise == "fresh"
    fresh = [noisy([0] * 50, epsilon=0.1, sensitivity=1) for _ in range(2)]
    assert fresh[0] != fresh[1]
    assert not hasattr(noise, "random")


def test_sensitivity_of_disjoint_cells() -> None:
    assert sensitivity_of_counts("add-or-remove") == 1
    assert sensitivity_of_counts("replace-one") == 2
