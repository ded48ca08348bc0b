from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from core.errors import InputError
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.privacy.accounting.charge import Charge
from core.privacy.accounting.composition import (
    compose,
    compose_renyi,
    compositions,
    optimal_epsilon,
    tightest,
    zcdp_epsilon,
)
from core.privacy.accounting.ledger import Ledger


def charges(count: int, epsilon: float, delta: float = 0.0) -> tuple[Charge, ...]:
    return tuple(Charge("x", epsilon, delta, "add-or-remove") for _ in range(count))


def gaussian_delta(rho: float, epsilon: float) -> float:
    """δ of the Gaussian mechanism of that ρ, exactly (Balle and Wang 2018, theorem 8)."""
    ratio = math.sqrt(2 * rho)  # sensitivity over standard deviation
    return float(
        norm.cdf(ratio / 2 - epsilon / ratio)
        - math.exp(epsilon) * norm.cdf(-ratio / 2 - epsilon / ratio)
    )


@given(st.floats(1e-4, 5), st.floats(1e-9, 1e-2))
def test_the_conversion_of_rho_holds_for_the_gaussian_and_beats_the_plain_one(rho, delta):
    epsilon = zcdp_epsilon(rho, delta)
    assert gaussian_delta(rho, epsilon) <= delta * (1 + 1e-6)
    assert epsilon <= rho + 2 * math.sqrt(rho * math.log(1 / delta))


def exact_delta(count: int, epsilon: float, total: float) -> float:
    """δ at ``total`` of that many (ε, 0) releases, over all outcomes of randomised response.

    Randomised response is the worst of all (ε, 0) mechanisms (Kairouz, Oh and Viswanath 2015).
    """
    p = math.exp(epsilon) / (1 + math.exp(epsilon))
    return math.fsum(
        max(0.0, binom.pmf(k, count, p) - math.exp(total) * binom.pmf(k, count, 1 - p))
        for k in range(count + 1)
    )


@pytest.mark.parametrize(("count", "epsilon"), [(2, 0.7), (20, 0.1), (60, 0.3), (200, 0.05)])
def test_optimal_composition_is_that_of_randomised_response(count, epsilon):
    found = optimal_epsilon(charges(count, epsilon), 1e-6)
    assert exact_delta(count, epsilon, found) <= 1e-6 * (1 + 1e-6)
    # Not much larger than it must be: a little less would not do.
    assert exact_delta(count, epsilon, 0.97 * found) > 1e-6


@given(
    st.lists(st.tuples(st.floats(0.01, 2), st.sampled_from([0.0, 1e-8])), min_size=1, max_size=8)
)
def test_every_way_is_an_upper_bound_of_the_optimal_one(costs):
    ledger = tuple(Charge("x", e, d, "replace-one") for e, d in costs)
    found = {c.method: c for c in compositions(ledger, 1e-5)}
    best = found["optimal"].epsilon
    assert best is not None
    for item in found.values():
        assert item.epsilon is not None
        assert best <= item.epsilon * (1 + 1e-9)
    assert found["basic"].epsilon == pytest.approx(math.fsum(e for e, _ in costs))
    assert tightest(tuple(found.values()), adaptive=True).method in ("basic", "renyi")


@pytest.mark.parametrize(("count", "epsilon"), [(400, 0.02), (2000, 0.01), (100, 0.1)])
@pytest.mark.parametrize("slack", [1e-6, 1e-3])
def test_renyi_composition_covers_randomised_response_and_wastes_little(count, epsilon, slack):
    found = compose_renyi(charges(count, epsilon), slack)
    assert found.delta == pytest.approx(slack)
    assert exact_delta(count, epsilon, found.epsilon) <= slack
    # Half of ρ would come to less than randomised response really spends.
    assert exact_delta(count, epsilon, 0.85 * found.epsilon) > slack


@pytest.mark.parametrize(("count", "epsilon"), [(60, 0.3), (20, 0.6), (200, 0.1)])
def test_advanced_composition_is_the_published_one_and_covers_randomised_response(count, epsilon):
    found = {c.method: c.epsilon for c in compositions(charges(count, epsilon), 1e-2)}["advanced"]
    # Kairouz, Oh and Viswanath 2015, theorem 3.4, the last of its three terms.
    each = (math.exp(epsilon) - 1) / (math.exp(epsilon) + 1)
    published = count * epsilon * each + epsilon * math.sqrt(2 * count * math.log(1 / 1e-2))
    assert found == pytest.approx(min(count * epsilon, published))
    assert published < count * epsilon
    assert exact_delta(count, epsilon, found) <= 1e-2


def conversion(rho: float, delta: float) -> float:
    """Proposition 7 of Canonne, Kamath and Steinke 2020, minimised over a grid of α."""
    alphas = 1 + np.exp(np.linspace(-6, 14, 20_001))
    return float(
        np.min(
            alphas * rho
            + np.log1p(-1 / alphas) * alphas / (alphas - 1)
            - np.log(delta * (alphas - 1)) / (alphas - 1)
        )
    )


@pytest.mark.parametrize("own", [0.0, 1e-9])
def test_a_budget_kept_by_renyi_converts_at_half_of_its_delta(own):
    cap, result = Budget(4.0, 1e-6, "renyi"), charges(300, 0.04, own)
    spent = cap.spent(result)
    assert spent.epsilon == pytest.approx(conversion(300 * 0.04**2 / 2, 5e-7), rel=1e-6)
    # At the whole of it the answer would be another one.
    assert conversion(300 * 0.04**2 / 2, 1e-6) < 0.98 * spent.epsilon
    assert spent.delta == pytest.approx(5e-7 + 300 * own)
    assert cap.covers(result) == (spent.delta <= 1e-6)
    # What a plan made beforehand would have cost sets all that is left of δ aside.
    found = {c.method: c.epsilon for c in compositions(result, 1e-6)}
    left = 1e-6 - 300 * own
    assert found["renyi"] == pytest.approx(conversion(300 * 0.04**2 / 2, left), rel=1e-6)


def test_without_a_delta_to_set_aside_only_the_sum_has_an_answer():
    found = compositions(charges(3, 0.1), 0.0)
    assert [c.epsilon is None for c in found] == [False, True, True, True]
    assert all("Not defined" in c.reason for c in found[1:])


def test_a_budget_kept_by_renyi_allows_many_small_releases():
    plain, renyi = Ledger(Budget(4.0, 1e-6)), Ledger(Budget(4.0, 1e-6, "renyi"))
    for _ in range(200):
        renyi.charge("small", epsilon=0.05, neighbouring="add-or-remove")
    assert renyi.spent().method == "renyi"
    assert renyi.spent().epsilon == compose_renyi(charges(200, 0.05), 5e-7).epsilon < 4
    for _ in range(80):
        plain.charge("small", epsilon=0.05, neighbouring="add-or-remove")
    with pytest.raises(BudgetExceededError):
        plain.charge("small", epsilon=0.05, neighbouring="add-or-remove")


def test_a_budget_kept_by_renyi_allows_one_large_release_too():
    ledger = Ledger(Budget(1.0, 1e-6, "renyi"))
    ledger.charge("large", epsilon=1.0, neighbouring="add-or-remove")
    assert ledger.spent().epsilon == 1.0
    with pytest.raises(BudgetExceededError):
        ledger.charge("more", epsilon=0.01, neighbouring="add-or-remove")


def test_half_of_delta_stays_set_aside_for_the_conversion():
    ledger = Ledger(Budget(4.0, 1e-6, "renyi"))
    ledger.charge("half", epsilon=0.1, delta=5e-7, neighbouring="add-or-remove")
    with pytest.raises(BudgetExceededError):
        ledger.charge("more", epsilon=0.1, delta=1e-8, neighbouring="add-or-remove")


def test_renyi_without_delta_is_refused():
    with pytest.raises(InputError, match="needs a delta"):
        Budget(1.0, 0.0, "renyi")


def test_mixed_relations_are_stated_under_replace_one_in_every_way():
    mixed = (Charge("a", 0.5, 0.0, "add-or-remove"), Charge("b", 0.25, 0.0, "replace-one"))
    same = (Charge("a", 1.0, 0.0, "replace-one"), Charge("b", 0.25, 0.0, "replace-one"))
    assert compose(mixed) == compose(same)
    assert [c.epsilon for c in compositions(mixed, 1e-5)] == [
        c.epsilon for c in compositions(same, 1e-5)
    ]


def test_a_charge_for_a_person_counts_twice_beside_charges_for_rows():
    person = Charge("p", 0.5, 1e-8, "add-or-remove", "person (column 'id', at most 1 rows)")
    assert compose((person, person)).epsilon == 1.0
    mixed = compose((person, Charge("r", 0.25, 0.0, "add-or-remove")))
    assert mixed.epsilon == 1.25
    assert mixed.delta == pytest.approx((1 + math.exp(0.5)) * 1e-8)
