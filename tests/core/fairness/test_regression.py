"""Regression figures against scikit-learn and scipy, and their intervals against simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from core.errors import InputError
from core.fairness.grouping import group_rows
from core.fairness.regression import count_errors, regression_figures, regression_gap

NUMBERS = st.integers(-1000, 1000).map(lambda value: value / 8)


@settings(max_examples=80, deadline=None)
@given(st.data(), st.booleans(), st.sampled_from([0.0, 1e6]))
def test_figures_are_those_of_scikit_learn(data, weighted, shift):
    n = data.draw(st.integers(2, 40))

    def drawn(values):
        return np.array(data.draw(st.lists(values, min_size=n, max_size=n)))

    y, p = drawn(NUMBERS) + shift, drawn(NUMBERS) + shift
    names = drawn(st.sampled_from(["a", "b"]))
    weights = drawn(st.sampled_from([0.5, 1.0, 3.0])) if weighted else None
    grouping = group_rows(pd.DataFrame({"g": names, "h": names[::-1]}))
    whole = count_errors(grouping, y, p, weights)
    cube = whole.marginal(("g",))
    found = regression_figures(cube)
    w = np.ones(n) if weights is None else weights
    for i, (name,) in enumerate(cube.groups):
        rows = names == name
        told = {"sample_weight": w[rows]}
        pairs = {
            "mean_error": np.average(p[rows] - y[rows], weights=w[rows]),
            "mean_absolute_error": mean_absolute_error(y[rows], p[rows], **told),
            "root_mean_squared_error": root_mean_squared_error(y[rows], p[rows], **told),
            "mean_prediction": np.average(p[rows], weights=w[rows]),
        }
        for metric, exact in pairs.items():
            assert found[metric][i].estimate == pytest.approx(exact, rel=1e-7, abs=1e-7)
        r2 = found["r_squared"][i]
        if len(set(y[rows])) == 1:
            assert r2.estimate is None
            assert "the same" in r2.reason
        elif r2.estimate is not None:
            assert r2.estimate == pytest.approx(r2_score(y[rows], p[rows], **told), rel=1e-5)


def test_means_and_gaps_have_student_s_and_welch_s_intervals():
    rng = np.random.default_rng(0)
    names = np.repeat(["a", "b"], [40, 70])
    y = rng.normal(size=110)
    p = y + rng.normal(0.3, 1, 110) * np.where(names == "a", 1, 2)
    cube = count_errors(group_rows(pd.DataFrame({"g": names})), y, p)
    for name, values in (
        ("mean_error", p - y), ("mean_absolute_error", np.abs(p - y)), ("mean_prediction", p)
    ):  # fmt: skip
        a, b = values[names == "a"], values[names == "b"]
        exact = stats.ttest_1samp(a, 0).confidence_interval(0.95)
        figure = regression_figures(cube)[name][0]
        assert (figure.low, figure.high) == pytest.approx((exact.low, exact.high))
        exact = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
        gap = regression_gap(cube, name, ("a",), ("b",))
        assert (gap.low, gap.high) == pytest.approx((exact.low, exact.high))


def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(1)
    held = {"root_mean_squared_error": 0, "r_squared": 0, "gap": 0}
    for _ in range(400):
        y = rng.normal(size=600)
        names = np.repeat(["a", "b"], 300)
        p = y + rng.normal(size=600) * np.where(names == "a", 0.5, 0.8)
        cube = count_errors(group_rows(pd.DataFrame({"g": names})), y, p)
        found = regression_figures(cube)
        for name, truth in (("root_mean_squared_error", 0.5), ("r_squared", 0.75)):
            held[name] += found[name][0].low <= truth <= found[name][0].high
        gap = regression_gap(cube, "root_mean_squared_error", ("b",), ("a",))
        held["gap"] += gap.low <= 0.3 <= gap.high
    for count in held.values():
        assert 0.91 <= count / 400 <= 0.98


def test_awkward_groups_say_why_and_bad_input_is_named():
    grouping = group_rows(pd.DataFrame({"g": ["a", "b", "b"]}))
    y, p = np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.0, 3.0])
    cube = count_errors(grouping, y, p)
    found = regression_figures(cube)
    assert "two rows" in found["mean_error"][0].reason
    assert found["r_squared"][0].estimate is None
    assert found["r_squared"][1].estimate == 1.0
    assert "two rows" in regression_gap(cube, "mean_error", ("a",), ("b",)).reason
    assert "no error" in regression_gap(
        cube, "root_mean_squared_error", ("a",), ("b",)
    ).reason  # fmt: skip
    empty = count_errors(grouping, y, p, np.array([0.0, 1.0, 1.0]))
    assert "weight zero" in regression_figures(empty)["mean_error"][0].reason
    assert "weight zero" in regression_gap(empty, "mean_error", ("a",), ("b",)).reason
    with pytest.raises(InputError, match="no such difference"):
        regression_gap(cube, "r_squared", ("a",), ("b",))
    with pytest.raises(InputError, match="no such group"):
        regression_gap(cube, "mean_error", ("a",), ("c",))
    with pytest.raises(InputError, match="rows of sensitive"):
        count_errors(grouping, y[:2], p)
    with pytest.raises(InputError, match="finite"):
        count_errors(grouping, np.array([1.0, np.nan, 2.0]), p)
    with pytest.raises(InputError, match="another unit"):
        count_errors(grouping, y * 1e70, p)
