"""Selections that lie between a group and the reference, against trying them one by one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fairness.disparities.practical import practical

rate = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def needed(s, n, share):
    """Add selections until the rate reaches the share, without the formula."""
    more = 0
    while Fraction(s + more, n) < share:
        more += 1
    return more


@given(rate, rate)
def test_counts_are_the_first_that_reach_parity_and_four_fifths(own, reference):
    found = practical(*own, *reference)
    share = Fraction(*reference)
    assert found.to_parity == needed(*own, share)
    assert found.to_four_fifths == needed(*own, Fraction(4, 5) * share)
    assert found.shortfall == pytest.approx(own[1] * reference[0] / reference[1] - own[0])


@given(rate, rate)
def test_a_difference_hangs_on_one_person_where_one_move_turns_it(own, reference):
    (s, n), (t, m) = own, reference
    found = practical(s, n, t, m).hangs_on_one
    if Fraction(s, n) >= Fraction(t, m):
        assert found is None
    else:
        assert found == (Fraction(s + 1, n) > Fraction(t - 1, m))


def test_thirds_are_no_hair_above_the_whole_number():
    # 0.8 × 1/3 × 15 is 4; in floating point it is a little more.
    assert practical(4, 15, 1, 3).to_four_fifths == 0
    assert practical(3, 15, 1, 3).to_four_fifths == 1
    assert practical(4, 15, 1, 3).to_parity == 1


def test_weighted_counts_have_no_one_person():
    assert practical(1.5, 10.25, 4.5, 12).hangs_on_one is None


def test_a_higher_rate_needs_nothing():
    found = practical(9, 10, 1, 10)
    assert (found.to_parity, found.to_four_fifths, found.hangs_on_one) == (0, 0, None)
    assert found.shortfall == -8
