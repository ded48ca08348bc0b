"""Figures of amounts against scikit-learn, fairlearn and scipy; their intervals by simulation."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import (
    mean_absolute_error,
    median_absolute_error,
    r2_score,
    root_mean_squared_error,
)

from core.errors import InputError
from core.fairness.assessment.regression import assess_regression, regression_gap
from core.fairness.assessment.regression_record import bounded_loss, regression_json
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.quantile_sketch import ACCURACY
from core.fairness.counts.regression import count_errors
from core.fairness.metrics.regression_metrics import REGRESSION_METRICS

NUMBERS = st.integers(-1000, 1000).map(lambda value: value / 8)


def figures(found, name):
    return {group.name: group.figures[name] for group in found.groups}


@settings(max_examples=15, deadline=None)
@given(st.data(), st.booleans(), st.sampled_from([0.0, 1e6]))
def test_figures_are_those_of_scikit_learn(data, weighted, shift):
    n = data.draw(st.integers(2, 40))

    def drawn(values):
        return np.array(data.draw(st.lists(values, min_size=n, max_size=n)))

    y, p = drawn(NUMBERS) + shift, drawn(NUMBERS) + shift
    names = drawn(st.sampled_from(["a", "b"]))
    weights = drawn(st.sampled_from([0.5, 1.0, 3.0])) if weighted else None
    found = assess_regression(y, p, pd.DataFrame({"g": names}), weights=weights)
    w = np.ones(n) if weights is None else weights
    for name in set(names):
        rows = names == name
        fields = {"sample_weight": w[rows]}
        pairs = {
            "mean_error": np.average(p[rows] - y[rows], weights=w[rows]),
            "mean_absolute_error": mean_absolute_error(y[rows], p[rows], **fields),
            "root_mean_squared_error": root_mean_squared_error(y[rows], p[rows], **fields),
            "mean_prediction": np.average(p[rows], weights=w[rows]),
            "mean_outcome": np.average(y[rows], weights=w[rows]),
        }
        for metric, exact in pairs.items():
            found_here = figures(found, metric)[name].estimate
            assert found_here == pytest.approx(exact, rel=1e-9, abs=1e-9)
        r2 = figures(found, "r_squared")[name]
        if len(set(y[rows])) == 1:
            assert r2.estimate is None
            assert "the same" in r2.reason
        elif r2.estimate is not None:
            exact = r2_score(y[rows], p[rows], **fields)
            assert r2.estimate == pytest.approx(exact, rel=1e-8, abs=1e-8)
        exact = np.quantile(np.abs(p[rows] - y[rows]), 0.5, method="inverted_cdf", weights=w[rows])
        median = figures(found, "median_absolute_error")[name].estimate
        assert median == pytest.approx(exact, rel=ACCURACY * 1.001)
        for metric in REGRESSION_METRICS:
            figure = figures(found, metric.name)[name]
            if figure.low is not None:
                assert figure.low <= figure.estimate + 1e-9
                assert figure.estimate <= figure.high + 1e-9
            elif figure.estimate is not None:
                assert figure.reason
    json.dumps(regression_json(found, 1.0), allow_nan=False)


def test_gaps_are_those_of_fairlearn():
    rng = np.random.default_rng(1)
    names = rng.choice(["a", "b", "c"], 600)
    y = rng.gamma(2, 10, 600)
    p = y + rng.normal(0, 3, 600) * np.where(names == "a", 2, 1)
    weights = rng.choice([0.5, 2.0], 600)
    found = assess_regression(y, p, pd.DataFrame({"g": names}), weights=weights)
    for name, metric in (
        ("mean_absolute_error", mean_absolute_error),
        ("root_mean_squared_error", root_mean_squared_error),
        ("r_squared", r2_score),
    ):
        frame = MetricFrame(
            metrics=metric, y_true=y, y_pred=p, sensitive_features=names,
            sample_params={"sample_weight": weights},
        )  # fmt: skip
        gap = next(gap for gap in found.gaps if gap.metric == name)
        assert gap.difference.estimate == pytest.approx(frame.difference(), abs=1e-9)
        assert gap.difference.low > 0
        if name != "r_squared":
            assert gap.ratio.estimate == pytest.approx(frame.ratio(), abs=1e-9)
            assert gap.between[1] == "a"
        overall = found.overall.figures[name].estimate
        assert overall == pytest.approx(frame.overall, abs=1e-9)
    frame = MetricFrame(metrics=median_absolute_error, y_true=y, y_pred=p, sensitive_features=names)
    plain = assess_regression(y, p, pd.DataFrame({"g": names}))
    for name, figure in figures(plain, "median_absolute_error").items():
        # Theirs is the mean of the middle two in an even group: a gap between rows besides.
        assert figure.estimate == pytest.approx(frame.by_group[name], rel=0.02)


def test_means_have_student_s_interval_and_quantiles_that_of_order_statistics():
    rng = np.random.default_rng(0)
    names = np.repeat(["a", "b"], [41, 70])
    y = rng.normal(size=111)
    error = rng.normal(0.3, 1, 111)
    found = assess_regression(y, y + error, pd.DataFrame({"g": names}))
    exact = stats.ttest_1samp(error[:41], 0).confidence_interval(0.95)
    figure = figures(found, "mean_error")["a"]
    assert (figure.low, figure.high) == pytest.approx((exact.low, exact.high))
    exact = stats.quantile_test(np.abs(error[:41]), p=0.5).confidence_interval(0.95)
    figure = figures(found, "median_absolute_error")["a"]
    assert figure.low == pytest.approx(exact.low, rel=2.1 * ACCURACY)
    assert figure.high == pytest.approx(exact.high, rel=2.1 * ACCURACY)


def test_marginals_are_those_of_the_rows():
    rng = np.random.default_rng(2)
    sensitive = pd.DataFrame({"g": rng.choice(["a", "b"], 200), "h": rng.choice(["c", "d"], 200)})
    y = rng.normal(size=200)
    p = y + rng.standard_t(3, 200)
    both = count_errors(group_rows(sensitive), y, p).marginal(["h"])
    alone = count_errors(group_rows(sensitive[["h"]]), y, p)
    np.testing.assert_allclose(both.sums, alone.sums, atol=1e-9)
    for merged, whole in zip(both.sketches, alone.sketches, strict=True):
        np.testing.assert_array_equal(merged.keys, whole.keys)
        np.testing.assert_array_equal(merged.weight, whole.weight)


def test_bounded_group_loss_is_judged_by_the_worst_group():
    rng = np.random.default_rng(4)
    names = np.repeat(["a", "b"], 300)
    y = rng.normal(size=600)
    p = y + rng.normal(0, 1, 600) * np.where(names == "a", 1, 3)
    found = assess_regression(y, p, pd.DataFrame({"g": names}))
    verdict, worst, by_group = bounded_loss(found, 1.5)
    assert verdict == "above"
    assert by_group == {"a": "within", "b": "above"}
    assert worst.estimate == pytest.approx(np.abs(p - y)[names == "b"].mean())
    assert bounded_loss(found, worst.estimate)[0] == "unclear"
    assert bounded_loss(found, 10)[0] == "within"
    for bound in (0, -1, np.nan, np.inf):
        with pytest.raises(InputError, match="positive number"):
            bounded_loss(found, bound)
    with pytest.raises(InputError, match="not a loss"):
        bounded_loss(found, 1, "r_squared")


@pytest.mark.parametrize(("rows", "verdict"), [(29, "within"), (30, "above")])
def test_no_small_group_decides_whether_a_loss_is_bounded(rows: int, verdict: str):
    rng = np.random.default_rng(4)
    names = np.repeat(["a", "b", "few"], [300, 300, rows])
    y = rng.normal(size=len(names))
    p = y + rng.normal(0, 1, len(y)) + 20 * (names == "few")
    found = assess_regression(y, p, pd.DataFrame({"g": names}))
    result, worst, by_group = bounded_loss(found, 3)
    assert result == verdict
    assert worst.estimate is not None
    assert (worst.estimate > 3) == (verdict == "above")
    assert by_group["few"] == ("above" if verdict == "above" else "unclear")
    alone = assess_regression(y[-20:], p[-20:], pd.DataFrame({"g": names[-20:]}))
    assert bounded_loss(alone, 3)[0] == "unclear"
    assert "large enough" in (bounded_loss(alone, 3)[1].reason or "")


def test_a_mean_error_has_an_interval_only_where_the_mean_absolute_error_has_one():
    rng = np.random.default_rng(1)
    names = np.repeat(["a", "b"], 300)
    y = rng.normal(size=600)
    for spread, has_one in ((0.5, True), (2.5, False)):
        p = y + np.exp(rng.normal(0, spread, 600))
        found = assess_regression(y, p, pd.DataFrame({"g": names}))
        # All errors are above 0, so both are the same number.
        for name, mean in figures(found, "mean_error").items():
            size = figures(found, "mean_absolute_error")[name]
            assert mean.estimate == pytest.approx(size.estimate)
            assert (mean.low is not None) == (size.low is not None) == has_one
            assert has_one or mean.reason == size.reason


def test_awkward_groups_say_why_and_bad_input_is_named():
    sensitive = pd.DataFrame({"g": ["a", "b", "b"]})
    y, p = np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.0, 3.0])
    found = assess_regression(y, p, sensitive)
    assert "two rows" in figures(found, "mean_error")["a"].reason
    assert figures(found, "r_squared")["a"].estimate is None
    assert figures(found, "r_squared")["b"].estimate == 1.0
    assert "exact" in figures(found, "root_mean_squared_error")["b"].reason
    assert "at least 6 rows" in figures(found, "median_absolute_error")["a"].reason
    assert "too few to judge" in found.groups[0].too_small
    gap = next(gap for gap in found.gaps if gap.metric == "mean_absolute_error")
    assert gap.difference.estimate == pytest.approx(0.5)
    assert gap.difference.low is None
    assert "two rows" in gap.difference.reason
    gap = next(gap for gap in found.gaps if gap.metric == "r_squared")
    assert gap.left_out == ("a",)
    empty = assess_regression(y, p, sensitive, weights=np.array([0.0, 1.0, 1.0]))
    for metric in REGRESSION_METRICS:
        assert "weight zero" in figures(empty, metric.name)["a"].reason
    json.dumps(regression_json(empty, 1.0), allow_nan=False)
    with pytest.raises(InputError, match="rows of sensitive"):
        assess_regression(y[:2], p, sensitive)
    with pytest.raises(InputError, match="finite"):
        assess_regression(np.array([1.0, np.nan, 2.0]), p, sensitive)
    with pytest.raises(InputError, match="another unit"):
        assess_regression(y * 1e70, p, sensitive)
    with pytest.raises(InputError, match="between 0 and 1"):
        assess_regression(y, p, sensitive, level=1.0)


def test_huge_errors_beside_nearly_equal_outcomes_do_not_overflow():
    y = np.array([1.0, 1.0, 1.0, 1.0 + 1e-12])
    p = np.array([1e50, -1e50, 3.0, 4.0])
    found = assess_regression(y, p, pd.DataFrame({"g": ["a", "b", "a", "b"]}))
    assert figures(found, "mean_absolute_error")["a"].estimate == pytest.approx(5e49)
    json.dumps(regression_json(found), allow_nan=False)


WORLDS = {
    "normal": lambda rng, n: rng.normal(0, 1, n),
    "skewed": lambda rng, n: rng.exponential(1, n),
    "heavy": lambda rng, n: rng.standard_t(5, n),
}


@pytest.mark.slow
@pytest.mark.parametrize("size", [30, 200])
@pytest.mark.parametrize("world", WORLDS)
def test_intervals_cover_as_often_as_they_say(world, size):
    draw = WORLDS[world]
    rng = np.random.default_rng(size)
    names = np.repeat(["a", "b"], size)
    spread = np.where(names == "a", 1.0, 1.5)
    sample = draw(np.random.default_rng(0), 4_000_000)
    truth = {
        "mean_error": sample.mean(),
        "mean_absolute_error": np.abs(sample).mean(),
        "root_mean_squared_error": np.sqrt((sample**2).mean()),
        "median_absolute_error": np.median(np.abs(sample)),
        "r_squared": 1 - (sample**2).mean() / 4,
    }
    held = dict.fromkeys([*truth, "gap", "ratio"], 0)
    worlds = 300
    for _ in range(worlds):
        y = rng.normal(0, 2, 2 * size)
        p = y + draw(rng, 2 * size) * spread
        cube = count_errors(group_rows(pd.DataFrame({"g": names})), y, p)
        for name, exact in truth.items():
            figure = REGRESSION_METRICS[name].measure(cube, 0.95)[0]
            # Where errors have a heavy tail no interval is given, which misleads nobody.
            held[name] += figure.low is None or figure.low <= exact <= figure.high
        gap = regression_gap(cube, REGRESSION_METRICS["mean_absolute_error"])
        held["gap"] += gap.difference.low <= truth["mean_absolute_error"] / 2 <= gap.difference.high
        held["ratio"] += gap.ratio.low <= 1 / 1.5 <= gap.ratio.high
    for name, count in held.items():
        # Squares of skewed or heavy-tailed errors are where intervals of means run short.
        least = 0.91 if world == "normal" or size > 100 else 0.85
        if name == "root_mean_squared_error":
            least = {"normal": 0.88}.get(world, 0.87 if size > 100 else 0.81)
        assert least <= count / worlds <= 1, (name, count / worlds)


@pytest.mark.parametrize("far", [5e4, 1e9, 1e13])
def test_a_group_is_measured_the_same_beside_one_of_far_larger_amounts(far: float) -> None:
    rng = np.random.default_rng(3)
    y = 5 + rng.normal(size=200)
    p = y + rng.normal(size=200) / 2
    alone = assess_regression(y, p, pd.DataFrame({"g": ["b"] * 200})).groups[0].figures
    beside = assess_regression(
        np.concatenate([y, far + 10 * y]),
        np.concatenate([p, far + 10 * p]),
        pd.DataFrame({"g": ["b"] * 200 + ["a"] * 200}),
    )
    found = next(g for g in beside.groups if g.group == (("g", "b"),)).figures
    for name, figure in alone.items():
        assert (found[name].low, found[name].high) == pytest.approx(
            (figure.low, figure.high), rel=1e-6
        ), name
        assert found[name].estimate == pytest.approx(figure.estimate, rel=1e-6)


def test_a_row_of_no_weight_changes_no_figure_however_large_it_is() -> None:
    rng = np.random.default_rng(4)
    y, sensitive = 5 + rng.normal(size=100), pd.DataFrame({"g": ["a", "b"] * 50})
    p, weights = y + rng.normal(size=100), np.ones(100)
    weights[0] = 0
    plain = assess_regression(y, p, sensitive, weights=weights)
    y[0] = 1e30
    found = assess_regression(y, p, sensitive, weights=weights)
    for name in ("mean_outcome", "mean_prediction", "r_squared"):
        for group, other in zip(plain.groups, found.groups, strict=True):
            assert other.figures[name].estimate == pytest.approx(group.figures[name].estimate)
