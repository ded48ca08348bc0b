from __future__ import annotations

import math
from decimal import Decimal, getcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.privacy.accounting.budget import Budget, BudgetExceededError, Charge
from core.privacy.accounting.charge import SMALLEST_DELTA, SMALLEST_EPSILON
from core.privacy.accounting.composition import compose, compose_renyi, zcdp_epsilon
from core.privacy.accounting.exact import exact, rounded_down, rounded_up, two_steps
from core.privacy.accounting.ledger import Ledger

EPSILONS = st.one_of(
    st.floats(SMALLEST_EPSILON, 1e7),
    st.sampled_from([SMALLEST_EPSILON, 0.1, 0.3, 0.0009, 1 / 3, 1e6]),
)
RELATIONS = st.sampled_from(["replace-one", "add-or-remove"])


def decimal(number: float) -> Fraction:
    return Fraction(Decimal(repr(number)))


@given(st.lists(EPSILONS, max_size=30), EPSILONS, st.sampled_from(["replace-one", "add-or-remove"]))
def test_no_sequence_of_charges_passes_a_cap(wanted, cap, relation):
    ledger = Ledger(Budget(cap))
    total = Fraction(0)
    for epsilon in wanted:
        fits = total + decimal(epsilon) <= decimal(cap)
        try:
            ledger.charge("x", epsilon=epsilon, neighbouring=relation)
        except BudgetExceededError:
            assert not fits
        else:
            assert fits
            total += decimal(epsilon)
    assert decimal(ledger.budget.left(ledger.charges)) <= decimal(cap) - total


@given(
    st.lists(st.tuples(EPSILONS, st.floats(SMALLEST_DELTA, 0.5), RELATIONS), max_size=12),
    EPSILONS,
    st.floats(1e-12, 0.5),
)
def test_what_is_said_to_be_spent_is_never_below_what_was_spent(costs, cap, delta):
    charges = tuple(Charge("x", e, d, relation) for e, d, relation in costs)
    spent = compose(charges)
    mixed = len({relation for *_, relation in costs}) == 2
    doubled = [mixed and relation == "add-or-remove" for *_, relation in costs]
    epsilons = [
        decimal(e) * (2 if twice else 1) for (e, *_), twice in zip(costs, doubled, strict=True)
    ]
    assert decimal(spent.epsilon) >= sum(epsilons)
    assert spent.epsilon == 0 or decimal(math.nextafter(spent.epsilon, 0)) < sum(epsilons)
    assert Budget(cap, delta).covers(charges) == (
        sum(epsilons) <= decimal(cap)
        and sum(
            two_steps(decimal(e), decimal(d))[1] if twice else decimal(d)
            for (e, d, _), twice in zip(costs, doubled, strict=True)
        )
        <= decimal(delta)
    )


@pytest.mark.parametrize("count", [3, 7, 10, 30, 1000])
def test_equal_parts_of_a_cap_fit_and_nothing_more(count):
    part = 1 / count if count in (10, 1000) else 0.1
    ledger = Ledger(Budget(float(round(part * count, 9))))
    for _ in range(count):
        ledger.charge("x", epsilon=part, neighbouring="replace-one")
    with pytest.raises(BudgetExceededError):
        ledger.charge("one more", epsilon=SMALLEST_EPSILON, neighbouring="replace-one")


@pytest.mark.parametrize("composition", ["basic", "renyi"])
@pytest.mark.parametrize("epsilon", [5e-324, 1e-12, math.nextafter(SMALLEST_EPSILON, 0)])
def test_a_charge_below_the_smallest_is_refused_with_a_sentence(composition, epsilon):
    ledger = Ledger(Budget(1.0, 1e-6, composition))
    with pytest.raises(InputError, match=r"the smallest ε that can be charged is 0\.000001"):
        ledger.charge("x", epsilon=epsilon, neighbouring="replace-one")
    assert ledger.charges == ()
    ledger.charge("x", epsilon=SMALLEST_EPSILON, neighbouring="replace-one")


def test_a_delta_below_the_smallest_is_refused_and_none_at_all_is_not():
    ledger = Ledger(Budget(1.0, 1e-6))
    with pytest.raises(InputError, match="the smallest δ that can be charged is 1e-30"):
        ledger.charge("x", epsilon=0.1, delta=9e-31, neighbouring="replace-one")
    ledger.charge("x", epsilon=0.1, delta=SMALLEST_DELTA, neighbouring="replace-one")
    ledger.charge("x", epsilon=0.1, delta=0.0, neighbouring="replace-one")


def test_a_little_beside_a_large_cap_is_not_lost_in_rounding():
    ledger = Ledger(Budget(1e6))
    ledger.charge("all", epsilon=1e6, neighbouring="replace-one")
    with pytest.raises(BudgetExceededError):
        ledger.charge("more", epsilon=0.0009, neighbouring="replace-one")
    # So of δ: a billionth of the cap was forgiven once.
    spent = Ledger(Budget(10.0, 1e-6))
    spent.charge("all", epsilon=1.0, delta=1e-6, neighbouring="replace-one")
    with pytest.raises(BudgetExceededError):
        spent.charge("more", epsilon=1.0, delta=1e-18, neighbouring="replace-one")


@given(st.floats(1e-12, 1e6), st.floats(1e-30, 0.4))
def test_the_conversion_of_rho_is_at_least_that_of_fifty_digits(rho, delta):
    found = zcdp_epsilon(rho, delta)
    getcontext().prec = 50
    best = min(_at(Decimal(rho), Decimal(delta), Decimal(k) / 8) for k in range(-96, 200))
    # The search of floats may miss the best gap, which costs a little and never falls below it.
    assert Decimal(found) >= max(Decimal(0), _near(rho, delta, best)) * (1 - Decimal(10) ** -40)


def _at(rho: Decimal, delta: Decimal, log_gap: Decimal) -> Decimal:
    """Proposition 7 of Canonne, Kamath and Steinke 2020, term by term."""
    alpha = 1 + log_gap.exp()
    return (
        alpha * rho + (1 - 1 / alpha).ln() * alpha / (alpha - 1)
        - (delta.ln() + (alpha - 1).ln()) / (alpha - 1)
    )  # fmt: skip


def _near(rho: float, delta: float, best: Decimal) -> Decimal:
    """Refine the least of a coarse grid, by thirds."""
    low, high = Decimal(-12), Decimal(25)
    for _ in range(120):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        left, right = (_at(Decimal(rho), Decimal(delta), x) for x in (a, b))
        low, high = (low, b) if left < right else (a, high)
    return min(best, _at(Decimal(rho), Decimal(delta), (low + high) / 2))


@given(st.integers(1, 60), st.floats(0.01, 1.0), st.floats(0.5, 20.0))
def test_a_renyi_cap_covers_only_what_one_of_the_two_rules_proves(count, epsilon, cap):
    budget = Budget(cap, 1e-6, "renyi")
    charges = (Charge("x", epsilon, 0.0, "replace-one"),) * count
    proven = count * decimal(epsilon) <= decimal(cap)
    proven |= compose_renyi(charges, 5e-7).epsilon <= cap
    assert budget.covers(charges) == proven


@given(st.fractions(0, 10**9))
def test_rounding_goes_to_the_neighbouring_float(number):
    above, below = rounded_up(number), rounded_down(number)
    assert exact(below) <= number <= exact(above)
    assert above in (below, math.nextafter(below, math.inf))


@given(st.floats(1e-6, 600), st.floats(1e-30, 1e-3))
def test_delta_of_two_steps_is_never_below_its_value(epsilon, delta):
    getcontext().prec = 60
    value = (1 + Decimal(repr(epsilon)).exp()) * Decimal(repr(delta))
    found = two_steps(decimal(epsilon), decimal(delta))
    assert found[0] == 2 * decimal(epsilon)
    assert (
        min(Fraction(1), Fraction(value))
        <= found[1]
        <= min(1, Fraction(value) * (1 + Fraction(1, 10**12)))
    )
