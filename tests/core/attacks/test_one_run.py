"""The one-run audit: the paper's figures, its code written out again, and simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from core.attacks.one_run import epsilon_bound, judge, p_value
from core.attacks.own_rows import _one_each, _pairs, audit_own_rows, fair_coins
from core.attacks.people import People
from core.learning.split import SplitSpec, split_rows
from tests.core.attacks.models import forest, trained_on
from tests.core.worlds import dataset


def test_bounds_are_those_of_the_paper():
    # Appendix D, page 46, and section 7, page 28 (cut off there, not rounded).
    assert epsilon_bound(1000, 100, 75, 1e-4) == pytest.approx(0.673, abs=5e-4)
    assert epsilon_bound(100_000, 1510, 1439, 1e-5) == pytest.approx(2.6755, abs=5e-4)


@given(
    st.integers(1, 60).flatmap(lambda r: st.tuples(st.just(r), st.integers(0, r))),
    st.integers(0, 200),
    st.floats(0, 12),
    st.sampled_from([0.0, 1e-6, 1e-3, 0.1]),
)
def test_p_values_are_the_sums_of_the_theorem(guessed, more, epsilon, delta):
    guesses, correct = guessed
    canaries = guesses + more
    truth = 1 / (1 + math.exp(-epsilon))
    chance = [
        math.comb(guesses, k) * truth**k * (1 - truth) ** (guesses - k) for k in range(guesses + 1)
    ]
    tail = math.fsum(chance[correct:])
    steps = [math.fsum(chance[correct - i : correct]) / i for i in range(1, correct + 1)]
    expected = min(1.0, tail + 2 * canaries * delta * max(steps, default=0.0))
    assert p_value(canaries, guesses, correct, epsilon, delta) == pytest.approx(expected, abs=1e-9)


@given(st.integers(1, 80).flatmap(lambda r: st.tuples(st.just(r), st.integers(0, r))))
def test_a_bound_is_where_its_p_value_meets_the_error(guessed):
    guesses, correct = guessed
    bound = epsilon_bound(200, guesses, correct, 1e-5)
    if bound == 0:
        assert p_value(200, guesses, correct, 0.0, 1e-5) >= 0.05 - 1e-9
    else:
        assert p_value(200, guesses, correct, bound, 1e-5) == pytest.approx(0.05, abs=1e-6)


def test_impossible_counts_are_refused():
    for counts in ((10, 11, 5), (10, 5, 6), (10, 5, -1)):
        with pytest.raises(ValueError, match="are needed"):
            p_value(*counts, 1.0, 0.0)


def randomised_response(epsilon: float, seed: int, canaries: int = 400):
    """Coins, and answers that show each with probability e^ε / (1 + e^ε)."""
    rng = np.random.default_rng(seed)
    coins = rng.random(canaries) < 0.5
    honest = rng.random(canaries) < 1 / (1 + math.exp(-epsilon))
    return np.where(honest, coins, ~coins).astype(float), coins


def judged(scores, coins, claimed=(1.0, 0.0), seed=0):
    return judge(scores, coins, claimed=claimed, delta=0.0, what="coins", simulated=True, seed=seed)


def test_the_tightest_mechanism_is_rarely_refuted_and_nearly_reached():
    found = [judged(*randomised_response(1.0, seed), seed=seed) for seed in range(100)]
    broken = sum(item.verdict == "guarantee broken" for item in found)
    assert broken <= binom.isf(1e-4, 100, 0.05)
    assert np.median([item.epsilon for item in found]) > 0.6
    assert all((item.epsilon > 1) == (item.verdict == "guarantee broken") for item in found)


def test_twice_the_guarantee_is_refuted():
    found = [judged(*randomised_response(2.0, seed)) for seed in range(20)]
    assert all(item.verdict == "guarantee broken" for item in found)


def test_equal_scores_tell_nothing_even_if_coins_are_sorted():
    coins = np.arange(400) < 200
    found = judged(np.zeros(400), coins, seed=3)
    assert found.epsilon == 0
    assert found.verdict == "not refuted"
    assert judged(np.zeros(1), coins[:1]).trials == ()


def test_without_a_guarantee_nothing_is_refuted():
    scores, coins = randomised_response(3.0, 0)
    found = judged(scores, coins, claimed=None)
    assert found.verdict == "no guarantee"
    assert found.p_value is None
    assert found.epsilon > 1


def test_kept_rows_of_a_split_by_lot_are_fair_independent_coins():
    # Splits of the same 200 distinct rows: how each kept row fell, and how pairs did.
    content = np.random.default_rng(0).integers(0, 2**63, 200).astype(np.uint64)
    target = np.arange(200) % 2 == 0
    heads, tosses, alike, both = 0, 0, 0, 0
    for seed in range(400):
        split = split_rows(target, SplitSpec(stratified=False, seed=seed), content)
        rows = np.sort(np.concatenate([split.train, split.test]))
        member = np.isin(rows, split.train)
        kept = fair_coins(member, np.random.default_rng([seed, 7]))
        coins = member[kept]
        heads, tosses = heads + int(coins.sum()), tosses + len(coins)
        alike += int((coins[:-1:2] == coins[1::2]).sum())
        both += len(coins) // 2
    for hits, size in ((heads, tosses), (alike, both)):
        low, high = binom.ppf([1e-6, 1 - 1e-6], size, 0.5)
        assert low <= hits <= high


def test_members_of_pairs_are_fair_coins_in_a_stratified_split():
    content = np.arange(60, dtype=np.uint64)
    target = np.arange(60) % 3 == 0
    first = tosses = 0
    for seed in range(1000):
        split = split_rows(target, SplitSpec(stratified=True, seed=seed), content)
        rows = np.sort(np.concatenate([split.train, split.test]))
        people = People(rows, np.isin(rows, split.train), target[rows], np.zeros(len(rows)))
        # Not the seed of the split alone: its permutation would be that of the pairs.
        rng = np.random.default_rng([seed, 7])
        one, other = _pairs(people, np.ones(len(rows), dtype=bool), rng)
        assert (people.member[one] != people.member[other]).all()
        assert (people.positive[one] == people.positive[other]).all()
        first, tosses = first + int(people.member[one].sum()), tosses + len(one)
    low, high = binom.ppf([1e-6, 1 - 1e-6], tosses, 0.5)
    assert low <= first <= high


def test_own_rows_of_a_memorising_model_show_a_large_epsilon():
    data = dataset(1200)
    found = audit_own_rows(data, trained_on(data, forest()))
    assert found.verdict == "no guarantee"
    assert found.epsilon > 0.3
    assert "pairs" in found.what


@pytest.mark.parametrize(
    ("learner", "unit", "claimed"),
    [
        ("dp_binned_regression", "adds or removes", 1.0),
        ("dp_logistic_regression", "replaces", 1.0),
    ],
)
def test_own_rows_of_private_models_are_not_refuted(learner, unit, claimed):
    data = dataset(600)
    found = audit_own_rows(data, trained_on(data, learner=learner))
    assert found.claimed is not None
    assert found.claimed[0] == claimed
    assert unit in found.what
    assert found.verdict == "not refuted"
    assert found.canaries > 50


def test_of_each_person_one_row_stands_for_all():
    persons = np.array(["a", "b", "a", "c", "a", "b"], dtype=object)
    chosen = {tuple(persons[_one_each(persons, np.random.default_rng(seed))]) for seed in range(20)}
    assert {tuple(sorted(names)) for names in chosen} == {("a", "b", "c")}
