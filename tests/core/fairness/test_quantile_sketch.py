"""The quantile sketch: its relative error, and merging, against exact quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fairness.counts.quantile_sketch import ACCURACY, sketch_values

VALUES = st.one_of(
    st.floats(-1e60, 1e60), st.floats(-1, 1), st.integers(-5, 5).map(float), st.just(0.0)
).map(lambda value: 0.0 if abs(value) < 1e-300 else value)


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=60), st.floats(0, 1))
def test_every_quantile_is_within_the_stated_share_of_the_exact_one(values, share):
    exact = float(np.sort(values)[max(int(np.ceil(share * len(values) * (1 - 1e-12))) - 1, 0)])
    found = sketch_values(np.array(values)).quantile(share)
    assert abs(found - exact) <= ACCURACY * (1 + 1e-9) * abs(exact)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(VALUES, st.integers(1, 5)), min_size=1, max_size=40), st.floats(0, 1))
def test_whole_weights_are_repeated_rows(pairs, share):
    values, weights = np.array([v for v, _ in pairs]), np.array([w for _, w in pairs])
    weighted = sketch_values(values, weights.astype(float))
    assert weighted.quantile(share) == sketch_values(np.repeat(values, weights)).quantile(share)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(VALUES, max_size=20), min_size=1, max_size=5))
def test_merged_sketches_are_the_sketch_of_the_whole(parts):
    first, *others = (sketch_values(np.array(part, dtype=float)) for part in parts)
    merged = first.merge(*others)
    whole = sketch_values(np.array([v for part in parts for v in part], dtype=float))
    np.testing.assert_array_equal(merged.keys, whole.keys)
    np.testing.assert_array_equal(merged.weight, whole.weight)
    size = sketch_values(np.abs(np.array([v for part in parts for v in part], dtype=float)))
    np.testing.assert_array_equal(merged.absolute().keys, size.keys)
    np.testing.assert_array_equal(merged.absolute().weight, size.weight)


def test_no_weight_has_no_quantile_and_zero_weights_do_not_count():
    assert np.isnan(sketch_values(np.array([])).quantile(0.5))
    found = sketch_values(np.array([1.0, 100.0]), np.array([1.0, 0.0]))
    assert found.quantile(1.0) == pytest.approx(1.0, rel=ACCURACY * 1.001)
