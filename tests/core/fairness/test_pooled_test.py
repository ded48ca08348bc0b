"""The pooled test and the exact one, against scipy and the formula."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact, norm

from core.fairness.intervals.pooled_test import EXACT, POOLED, compare_rates
from core.fairness.intervals.two_rates import two_rates

rate = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(rate, rate)
def test_the_p_value_is_scipys_on_the_same_counts(one, other):
    found = compare_rates(*one, *other)
    table = [[one[0], one[1] - one[0]], [other[0], other[1] - other[0]]]
    hits = one[0] + other[0]
    if 0 < hits < one[1] + other[1]:
        chi2, p_value, _, expected = chi2_contingency(table, correction=False)
        assert found.z**2 == pytest.approx(chi2, rel=1e-9, abs=1e-12)
        assert math.copysign(1, found.z) == math.copysign(1, found.difference) or not found.z
        if expected.min() >= 5:
            assert found.test == POOLED
            assert found.p_value == pytest.approx(p_value, rel=1e-9)
            return
    assert found.test == EXACT
    assert found.p_value == pytest.approx(fisher_exact(table)[1], rel=1e-9)


def test_both_sides_of_the_edge_of_five_expected():
    # 10 of 40 selected: 5 expected among 20, and 4.75 among 19.
    assert compare_rates(3, 20, 7, 20).test == POOLED
    assert compare_rates(3, 19, 7, 21).test == EXACT
    # Exactly 5 of 220 expected, which 1 − 430 / 440 would round to less.
    assert compare_rates(210, 220, 220, 220).test == POOLED
    assert compare_rates(211, 220, 220, 220).test == EXACT


def test_nobody_selected_is_no_difference():
    found = compare_rates(0, 50, 0, 60)
    assert (found.difference, found.z, found.p_value) == (0.0, None, 1.0)
    assert compare_rates(50, 50, 60, 60).z is None


def test_the_hiring_case():
    found = compare_rates(219, 581, 842, 1729)
    assert found.z == pytest.approx(-4.605154, abs=1e-6)
    assert found.p_value == pytest.approx(2 * norm.sf(4.605154), rel=1e-5)


def test_both_sides_of_the_edge_of_twenty_expected_in_the_tests_of_criteria():
    assert two_rates(840, 880, 880, 880)[1] == "score test"
    assert two_rates(841, 880, 880, 880)[1] == "Fisher's exact test, mid-p"
