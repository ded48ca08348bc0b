from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.fairness.individual import consistency, counterfactual_flips


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
    assert (found.neighbours, found.rows) == (k, n)


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
    assert "share neighbours" in sampled.figure.reason
    with pytest.raises(InputError, match="fewer than the 10 rows"):
        consistency(frame, every, neighbours=10)
    with pytest.raises(InputError, match="no column"):
        consistency(frame[[]], every)
    with pytest.raises(InputError, match="any value"):
        consistency(pd.DataFrame({"x": [np.nan] * 10}), every)


def test_flips_are_counted_both_ways():
    frame = pd.DataFrame({"sex": ["F", "M", "F", "M"], "income": [10.0, 20.0, 30.0, 40.0]})

    def predict(rows):
        return (rows["income"] + 15 * (rows["sex"] == "M") > 28).to_numpy()

    found = counterfactual_flips(predict, frame, "sex")
    # As they are: F, M, T, T. All M: F, T, T, T; all F: F, F, T, T. Only row 1 was M and needs it.
    assert predict(frame).tolist() == [False, True, True, True]
    assert found.figure.estimate == 0.25
    assert found.gained == {"F": 0, "M": 0}
    assert found.lost == {"F": 1, "M": 0}
    assert 0 < found.figure.low < 0.25 < found.figure.high < 1


def test_an_attribute_that_the_model_does_not_see_or_that_is_constant():
    frame = pd.DataFrame({"x": [1.0, 2.0], "k": ["a", "a"]})

    def predict(rows):
        return rows["x"].to_numpy() > 1

    assert "does not see sex" in counterfactual_flips(predict, frame, "sex").figure.reason
    assert "single value" in counterfactual_flips(predict, frame, "k").figure.reason
    with pytest.raises(InputError, match="no rows"):
        counterfactual_flips(predict, frame[:0], "k")
    none = counterfactual_flips(predict, frame.assign(k=["a", "b"]), "k")
    assert (none.figure.estimate, none.figure.low) == (0, 0)
