from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.data.samples import load_sample
from core.errors import InputError
from core.fairness.disparities.subgroups import search_subgroups


def last(*args, **options):
    return list(search_subgroups(*args, **options))[-1][1]


def brute_force(target, prediction, columns, depth, minimum, level):
    """Every subgroup of the false negative rate by masks, its bounds by scipy's intervals."""
    members = []
    n = int(target.sum())
    for d in range(1, depth + 1):
        for subset in combinations(columns, d):
            seen = {tuple(row) for row in columns[list(subset)].to_numpy()}
            for values in seen:
                mask = np.ones(len(target), dtype=bool)
                for name, value in zip(subset, values, strict=True):
                    mask &= (columns[name] == value).to_numpy()
                inside = mask & target
                if minimum <= inside.sum() <= n - minimum:
                    members.append((tuple(zip(subset, values, strict=True)), inside))
    each = 1 - (1 - level) / max(len(members), 1)
    out = {}
    for conditions, inside in members:
        outside = target & ~inside
        ends = []
        for mask in (inside, outside):
            ci = binomtest(int((~prediction[mask]).sum()), int(mask.sum())).proportion_ci(each)
            ends.append(((~prediction[mask]).mean(), ci.low, ci.high))
        (p1, l1, u1), (p2, l2, u2) = ends
        low = p1 - p2 - np.hypot(p1 - l1, u2 - p2)
        high = p1 - p2 + np.hypot(u1 - p1, p2 - l2)
        out[conditions] = (p1, p2, low, high)
    return out


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 4))
def test_all_subgroups_are_those_of_brute_force(seed, depth, minimum):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 60))
    columns = pd.DataFrame({c: rng.choice(["x", "y", "z"], n) for c in "abc"})
    target, prediction = rng.random(n) < 0.7, rng.random(n) < 0.5
    expected = brute_force(target, prediction, columns, depth, minimum, 0.9)
    found = last(
        target, prediction, columns, "false_negative_rate",
        depth=depth, minimum_rows=minimum, level=0.9, keep=1000,
    )  # fmt: skip
    assert found.looked_at == len(expected)
    assert {s.conditions for s in found.subgroups} == set(expected)
    for s in found.subgroups:
        assert (s.rate, s.rest_rate, s.low, s.high) == pytest.approx(
            expected[s.conditions], abs=1e-9
        )
    bounds = [s.bound for s in found.subgroups]
    assert bounds == sorted(bounds, reverse=True)
    assert found.sure == sum(bound > 0 for bound in bounds)


def test_a_planted_subgroup_comes_first():
    rng = np.random.default_rng(5)
    n = 6000
    columns = pd.DataFrame(
        {
            "a": rng.choice(["p", "q", "r"], n),
            "b": rng.choice(["s", "t"], n),
            "x": rng.normal(size=n),
        }
    )
    planted = ((columns["a"] == "q") & (columns["b"] == "t")).to_numpy()
    target = rng.random(n) < 0.5
    prediction = rng.random(n) < np.where(planted, 0.25, 0.5)
    found = last(target, prediction, columns, "selection_rate", depth=3)
    assert found.subgroups[0].conditions == (("a", "q"), ("b", "t"))
    assert 0.1 < found.subgroups[0].bound < 0.25
    assert found.sentence.startswith(
        "Selection rate differs most significantly for a q · b t: 0.2"
    ), found.sentence
    # Bins of a number are named by what they hold, and a wide one is never the whole column.
    singles = last(target, prediction, columns[["x"]], "selection_rate", depth=1)
    assert singles.looked_at == 4
    assert all(" to " in s.conditions[0][1] for s in singles.subgroups)


@pytest.mark.parametrize("rate", [0.03, 0.4])
def test_on_noise_hardly_any_world_has_a_sure_finding(rate):
    alarms = 0
    for world in range(100):
        rng = np.random.default_rng(world)
        n = 1500
        columns = pd.DataFrame({c: rng.choice(list("wxyz"), n) for c in "abcd"})
        prediction = rng.random(n) < rate
        found = last(prediction, prediction, columns, "selection_rate", depth=2, minimum_rows=20)
        assert found.looked_at > 100
        alarms += found.sure > 0
    assert alarms <= 6


def test_adult_at_depth_two_takes_seconds():
    frame = load_sample("adult").frame
    names = [
        c for c in ("age", "workclass", "education", "race", "sex", "occupation") if c in frame
    ]
    assert len(names) == 6
    target = (frame.iloc[:, -1] == frame.iloc[:, -1].iloc[0]).to_numpy()
    began = time.process_time()
    steps = list(search_subgroups(target, target, frame[names], "selection_rate", depth=2))
    assert time.process_time() - began < 10
    shares = [share for share, _ in steps]
    assert shares == sorted(shares)
    assert len(shares) > 10
    assert shares[-1] == 1
    assert steps[-1][1].sure > 0


def test_weights_count_rows_and_equal_ones_change_nothing():
    rng = np.random.default_rng(8)
    columns = pd.DataFrame({"a": rng.choice(["p", "q"], 400), "b": rng.choice(["s", "t"], 400)})
    target, prediction = rng.random(400) < 0.5, rng.random(400) < 0.5
    plain = last(target, prediction, columns, "accuracy")
    same = last(target, prediction, columns, "accuracy", weights=np.full(400, 3.0))
    for one, two in zip(plain.subgroups, same.subgroups, strict=True):
        assert one.conditions == two.conditions
        assert (two.rate, two.low, two.high) == pytest.approx((one.rate, one.low, one.high))
    weights = rng.choice([0.0, 1.0, 5.0], 400)
    for item in last(target, prediction, columns, "accuracy", weights=weights).subgroups:
        mask = np.ones(400, dtype=bool)
        for name, value in item.conditions:
            mask &= (columns[name] == value).to_numpy()
        right = (target == prediction).astype(float)
        assert item.rate == pytest.approx(np.average(right[mask], weights=weights[mask]))
        assert item.rest_rate == pytest.approx(np.average(right[~mask], weights=weights[~mask]))
        assert item.rows == (mask & (weights > 0)).sum()


def test_missing_values_constant_columns_and_empty_denominators():
    columns = pd.DataFrame({"a": ["x", None] * 50, "same": ["k"] * 100})
    flags = np.array([True, False] * 50)
    found = last(flags, flags, columns, "selection_rate", depth=3)
    assert {s.conditions for s in found.subgroups} >= {(("a", "(missing)"),)}
    assert all(s.conditions != (("same", "k"),) for s in found.subgroups)
    none = last(flags & False, flags, columns, "true_positive_rate")
    assert none.looked_at == 0
    assert none.sentence.startswith("No subgroup has 30 rows")
    with pytest.raises(InputError, match="no share"):
        last(flags, flags, columns, "f1")
    wide = pd.DataFrame({"x": np.r_[[-np.inf, np.inf, np.nan], np.arange(97)]})
    names = {
        s.conditions[0][1] for s in last(flags, flags, wide, "accuracy", minimum_rows=1).subgroups
    }
    assert "(missing)" in names
    assert any(name.startswith("-inf to ") for name in names)
    with pytest.raises(InputError, match="none twice"):
        last(flags, flags, columns[["a", "a"]], "accuracy")
    with pytest.raises(InputError, match="1 to 3"):
        last(flags, flags, columns, "accuracy", depth=4)
    with pytest.raises(InputError, match="no rows"):
        last(flags[:0], flags[:0], columns[:0], "accuracy")
