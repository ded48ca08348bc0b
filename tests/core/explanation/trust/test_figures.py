"""Agreement, complexity, averages and groups against independent implementations."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from core.explanation.trust.agreement import (
    agreement,
    kendall_tau,
    rank_correlation,
    top_agreement,
)
from core.explanation.trust.averages import averaged, difference_of, mean_over
from core.explanation.trust.by_group import group_gaps, topped_up
from core.explanation.trust.complexity import complexity, entropy, features_needed

small = st.floats(-5, 5).map(lambda x: round(x, 1))
vectors = st.integers(1, 7).flatmap(lambda p: st.tuples(*[arrays(float, p, elements=small)] * 2))


@given(vectors)
def test_rank_correlations_are_scipys(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = pair
    ours, tau = rank_correlation(a, b), kendall_tau(a, b)
    if len(a) < 2 or np.ptp(np.abs(a)) == 0 or np.ptp(np.abs(b)) == 0:
        assert math.isnan(ours)
        assert math.isnan(tau)
        return
    assert ours == pytest.approx(stats.spearmanr(np.abs(a), np.abs(b)).statistic)
    x, y = np.abs(a), np.abs(b)
    pairs = [(i, j) for i in range(len(a)) for j in range(i)]
    signs = [(np.sign(x[i] - x[j]), np.sign(y[i] - y[j])) for i, j in pairs]
    free = [sum(s[k] != 0 for s in signs) for k in (0, 1)]
    assert tau == pytest.approx(sum(s * t for s, t in signs) / math.sqrt(free[0] * free[1]))


@given(vectors, st.integers(1, 4))
def test_agreement_of_the_top_is_that_of_its_definition(
    pair: tuple[np.ndarray, np.ndarray], k: int
) -> None:
    a, b = pair
    common, same = top_agreement(a, b, k)
    if not a.any() or not b.any():
        assert math.isnan(common)
        return

    def top(v: np.ndarray) -> list[int]:
        ranked = sorted(range(len(v)), key=lambda j: (-abs(v[j]), j))[:k]
        return [j for j in ranked if v[j] != 0]

    both = [j for j in top(a) if j in top(b)]
    size = max(len(top(a)), len(top(b)))
    assert common == pytest.approx(len(both) / size)
    assert same == pytest.approx(sum(a[j] * b[j] > 0 for j in both) / size)
    assert 0 <= same <= common <= 1
    assert top_agreement(a, a, k) == (1, 1)
    assert top_agreement(a, -a, k) == (1, 0)


@given(arrays(float, st.integers(1, 8), elements=small))
def test_complexity_is_that_of_its_definition(values: np.ndarray) -> None:
    needed, spread = features_needed(values), entropy(values)
    size = sorted(np.abs(values), reverse=True)
    if sum(size) == 0:
        assert math.isnan(needed)
        assert math.isnan(spread)
        return
    assert sum(size[: int(needed)]) >= 0.9 * sum(size) * (1 - 1e-6)
    assert sum(size[: int(needed) - 1]) < 0.9 * sum(size)
    assert spread == pytest.approx(stats.entropy(np.abs(values)), abs=1e-9)
    assert spread <= math.log(len(values)) + 1e-9


def test_equal_contributions_are_hardest_and_a_single_one_easiest() -> None:
    found = complexity("SHAP", np.vstack([np.ones((12, 4)), np.eye(4)[[0] * 12]]))
    assert found.needed.estimate == pytest.approx((4 + 1) / 2)
    assert found.entropy.estimate == pytest.approx(math.log(4) / 2)
    nothing = complexity("SHAP", np.zeros((12, 4)))
    assert nothing.needed.estimate is None
    assert "no feature contributes" in str(nothing.needed.reason)


def test_several_comparisons_of_a_person_count_as_one() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=(20, 5))
    once = agreement("a", a, "b", -a)
    assert (once.spearman.estimate, once.overlap.estimate, once.signs.estimate) == (1, 1, 0)
    b = rng.normal(size=(20, 5))
    other, twice = agreement("a", a, "b", b), agreement("a", a, "b", a, b)
    assert twice.people == 20
    assert twice.each == pytest.approx((1 + other.each) / 2)
    b[3] = np.nan
    assert math.isnan(agreement("a", a, "b", b).each[3])
    assert not np.isnan(np.delete(agreement("a", a, "b", b).each, 3)).any()


@given(arrays(float, st.integers(0, 25), elements=st.one_of(small, st.just(np.nan))))
def test_means_have_students_interval(values: np.ndarray) -> None:
    found = mean_over(values, "nothing is there")
    known = values[~np.isnan(values)]
    if not len(known):
        assert found.estimate is None
        return
    assert found.estimate == pytest.approx(known.mean())
    if len(known) < 10:
        assert found.low is None
        assert found.reason
    elif known.std() > 0:
        low, high = stats.t.interval(0.95, len(known) - 1, known.mean(), stats.sem(known))
        assert (found.low, found.high) == pytest.approx((low, high))


def test_a_difference_has_welchs_interval() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, 15), rng.normal(1, 3, 40)
    found = difference_of(a, b)
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert difference_of(a[:5], b).low is None
    assert difference_of(np.full(3, np.nan), b).estimate is None
    assert difference_of(np.ones(12), np.ones(12)).high == 0


def test_what_is_averaged_leaves_out_what_is_not_defined() -> None:
    values = np.array([[1.0, np.nan, np.nan], [3.0, 2.0, np.nan]])
    assert averaged(values)[:2].tolist() == [2, 2]
    assert averaged(values, largest=True)[:2].tolist() == [3, 2]
    assert math.isnan(averaged(values)[2])
    assert math.isnan(averaged(values, largest=True)[2])


def test_a_group_with_worse_explanations_is_found_and_a_small_one_named() -> None:
    rng = np.random.default_rng(2)
    names = np.repeat(["a", "b", "tiny"], [60, 30, 4])
    fit = rng.normal(0.8, 0.05, len(names))
    fit[names == "b"] -= 0.2
    found = {g.group: g for g in group_gaps(pd.DataFrame({"g": names}), {"fit": fit})}
    assert found["b"].significantly_worse
    assert not found["a"].significantly_worse
    assert found["tiny"].too_small == "only 4 people on one side, fewer than 10"
    assert not found["tiny"].significantly_worse
    one = group_gaps(pd.DataFrame({"g": ["a"] * 20}), {"fit": fit[:20]})
    assert one == ()


@pytest.mark.slow
def test_equal_groups_are_rarely_called_worse() -> None:
    rng = np.random.default_rng(3)
    groups = pd.DataFrame({"g": np.repeat(["a", "b", "c"], 30)})
    wrong = sum(
        any(g.significantly_worse for g in group_gaps(groups, {"m": rng.beta(8, 2, 90)}))
        for _ in range(400)
    )
    assert wrong / 400 <= 0.05


def test_small_groups_are_topped_up() -> None:
    groups = pd.DataFrame({"g": ["a"] * 50 + ["b"] * 8 + ["c"] * 2})
    chosen = topped_up(groups, 10, 5, 100)
    assert chosen[:10].tolist() == list(range(10))
    assert groups["g"].iloc[chosen].value_counts().to_dict() == {"a": 10, "b": 5, "c": 2}
    assert len(set(chosen.tolist())) == len(chosen)
    assert len(topped_up(groups, 10, 5, 12)) == 12
    assert len(topped_up(groups, 100, 5, 100)) == 60
