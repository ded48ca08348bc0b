from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.fairness.what_if.individual import consistency, consistency_steps


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_consistency_is_that_of_a_loop_over_all_pairs(seed, k):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(k + 1, 30))
    frame = pd.DataFrame(
        {"x": rng.normal(size=n) * 50, "y": rng.normal(size=n), "c": rng.choice(["a", "b"], n)}
    )
    decision = rng.random(n) < 0.5
    columns = [(frame[c] - frame[c].mean()) / frame[c].std(ddof=0) for c in "xy"]
    columns += [(frame["c"] == v).astype(float) for v in ("a", "b")]
    points = np.array(columns).T
    parts = []
    for i in range(n):
        distance = np.square(points - points[i]).sum(axis=1)
        distance[i] = np.inf  # no neighbour of oneself
        nearest = np.argsort(distance)[:k]
        parts.append(abs(decision[i] - decision[nearest].mean()))
    found = consistency(frame, decision, neighbours=k)
    assert found.figure.estimate == pytest.approx(1 - np.mean(parts), abs=1e-9)
    assert (found.neighbours, found.rows, found.sampling_error) == (k, n, 0)
    if k < n - 1:
        assert 0 <= found.figure.low <= found.figure.estimate <= found.figure.high <= 1
    else:
        assert found.figure.low is None
        assert "everyone's neighbours" in found.figure.reason
    by_group = consistency(frame, decision, neighbours=k, groups=frame["c"]).by_group
    assert sum(item.rows for item in by_group) == n
    for item in by_group:
        inside = np.array(parts)[(frame["c"] == item.group).to_numpy()]
        assert item.figure.estimate == pytest.approx(1 - inside.mean(), abs=1e-9)


def test_identical_rows_missing_values_and_many_rows():
    frame = pd.DataFrame({"x": [1.0] * 8 + [np.nan] * 2, "c": [None] * 10})
    every = np.ones(10, dtype=bool)
    assert consistency(frame, every).figure.estimate == 1
    one_odd = every.copy()
    one_odd[0] = False
    # All ten coincide: row 0 differs wholly from its neighbours, and each of the others by at most
    # one neighbour in five.
    value = consistency(frame, one_odd).figure.estimate
    assert 1 - (1 + 9 / 5) / 10 <= value <= 0.9
    sampled = consistency(frame, every, most_rows=4)
    assert sampled.rows == 4
    with pytest.raises(InputError, match="at least 1 row"):
        consistency(frame, every, most_rows=0)
    with pytest.raises(InputError, match="groups"):
        consistency(frame, every, groups=["a"])
    with pytest.raises(InputError, match="fewer than the 10 rows"):
        consistency(frame, every, neighbours=10)
    with pytest.raises(InputError, match="no column"):
        consistency(frame[[]], every)
    with pytest.raises(InputError, match="any value"):
        consistency(pd.DataFrame({"x": [np.nan] * 10}), every)


def test_a_sample_s_error_is_stated_and_shrinks_to_nothing():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(size=2000), "y": rng.normal(size=2000)})
    decision = rng.random(2000) < 1 / (1 + np.exp(-frame["x"].to_numpy()))
    steps = list(consistency_steps(frame, decision, most_rows=2000))
    assert [found.rows for _, found in steps] == [500, 1000, 1500, 2000]
    assert steps[-1][0] == 1
    errors = [found.sampling_error for _, found in steps]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == 0
    whole = steps[-1][1].figure.estimate
    held = 0
    for seed in range(60):
        part = consistency(frame, decision, most_rows=300, seed=seed)
        held += abs(part.figure.estimate - whole) <= part.sampling_error
    assert 0.87 <= held / 60 <= 1


def test_the_interval_holds_the_truth_although_people_share_neighbours():
    values, held = [], []
    for world in range(200):
        rng = np.random.default_rng(world)
        frame = pd.DataFrame({"x": rng.normal(size=300), "y": rng.normal(size=300)})
        decision = rng.random(300) < 1 / (1 + np.exp(-2 * frame["x"].to_numpy()))
        found = consistency(frame, decision)
        values.append(found.figure.estimate)
        held.append((found.figure.low, found.figure.high))
    truth = np.mean(values)
    inside = np.mean([low <= truth <= high for low, high in held])
    assert 0.92 <= inside <= 0.99
    # Wide enough, and not because it is far too wide.
    half = np.mean([(high - low) / 2 for low, high in held])
    assert 0.8 < half / (1.96 * np.std(values)) < 1.3


def test_the_interval_is_that_of_a_jackknife_that_looks_everyone_up_again():
    rng = np.random.default_rng(8)
    n, k = 40, 3
    points = rng.normal(size=(n, 2))
    points = (points - points.mean(axis=0)) / points.std(axis=0)
    decision = rng.random(n) < 0.4

    def mean_alike(kept):
        parts = []
        for i in kept:
            distance = np.square(points[kept] - points[i]).sum(axis=1)
            distance[kept == i] = np.inf
            nearest = kept[np.argsort(distance)[:k]]
            parts.append(1 - abs(decision[i] - decision[nearest].mean()))
        return np.mean(parts)

    left = np.array([mean_alike(np.delete(np.arange(n), i)) for i in range(n)])
    variance = np.square(left - left.mean()).sum() * (n - 1) / n
    value = mean_alike(np.arange(n))
    size = value * (1 - value) / variance
    z2 = 1.959964**2
    centre = (value * size + z2 / 2) / (size + z2)
    half = np.sqrt(z2 * (value * (1 - value) * size + z2 / 4)) / (size + z2)
    found = consistency(pd.DataFrame(points, columns=["x", "y"]), decision, neighbours=k).figure
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half), abs=1e-6)
