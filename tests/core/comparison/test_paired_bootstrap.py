from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    equalized_odds_difference,
    selection_rate,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, brier_score_loss, recall_score, roc_auc_score

from core.anonymity.price import auroc_change
from core.comparison.paired.joint_cells import JointCells, count_jointly, tables
from core.comparison.paired.mcnemar import mcnemar
from core.comparison.paired.paired_bootstrap import PairedComparison, compare_paired
from core.comparison.paired.paired_figures import decision_differences, draw_tables
from core.comparison.paired.paired_models import compare_trained
from core.comparison.paired.paired_scores import drawn_areas
from core.errors import InputError
from core.fairness.counts.grouping import group_rows
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.metric_registry import METRICS, GroupMetric
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.comparison.worlds import population, rows_of, sample
from tests.core.worlds import dataset

CELLS = population([0.5, 0.3, 0.2], [(0.8, 0.3), (0.6, 0.2), (0.7, 0.4)], [(0.75, 0.2)] * 3)


def world(n: int = 800, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    g, y, a, b = rows_of(sample(CELLS, n, rng))
    scores = [np.clip(0.5 + 0.2 * (y - 0.5) + 0.2 * rng.normal(size=n), 0, 1) for _ in range(2)]
    return {"g": g, "y": y, "a": a, "b": b, "sa": scores[0], "sb": scores[1]}


def compared(w: dict[str, np.ndarray], **options: object) -> PairedComparison:
    return compare_paired(
        w["y"], w["a"], w["b"], pd.DataFrame({"g": w["g"]}),
        scores_a=w["sa"], scores_b=w["sb"], **options,  # type: ignore[arg-type]
    )  # fmt: skip


def test_values_equal_fairlearn_and_scikit_learn() -> None:
    w = world()
    found = compared(w)
    functions = {
        "accuracy": accuracy_score,
        "selection_rate": selection_rate,
        "true_positive_rate": recall_score,
    }
    frames = [
        MetricFrame(metrics=functions, y_true=w["y"], y_pred=w[k], sensitive_features=w["g"])
        for k in "ab"
    ]
    for name in functions:
        item = found.everyone[name]
        assert item.a == pytest.approx(frames[0].overall[name])
        assert item.b == pytest.approx(frames[1].overall[name])
        assert item.difference.estimate == pytest.approx(
            frames[1].overall[name] - frames[0].overall[name]
        )
        for group in "012":
            first, second = (side.by_group[name][group] for side in frames)
            part = found.groups[group][name]
            assert (part.a, part.b) == pytest.approx((first, second))
            assert part.difference.estimate == pytest.approx(second - first)
    for name, function in (
        ("demographic_parity_difference", demographic_parity_difference),
        ("equalized_odds_difference", equalized_odds_difference),
    ):
        a, b = (function(w["y"], w[k], sensitive_features=w["g"]) for k in "ab")
        assert found.disparities[name].difference.estimate == pytest.approx(b - a)
    for name, score in (("roc_auc", roc_auc_score), ("brier", brier_score_loss)):
        expected = score(w["y"], w["sb"]) - score(w["y"], w["sa"])
        assert found.everyone[name].difference.estimate == pytest.approx(expected)


def test_joint_draws_equal_resampling_of_rows_in_distribution() -> None:
    w, draws = world(400), 4000
    grouping = group_rows(pd.DataFrame({"g": w["g"]}))
    cells = count_jointly(grouping, w["y"], w["a"], w["b"])
    drawn = draw_tables(cells, draws, np.random.default_rng(1), smoothing=0.0)
    rng, n = np.random.default_rng(2), 400
    brute: dict[str, list[np.ndarray]] = {"accuracy": [], "true_positive_rate": [], "precision": []}
    for _ in range(draws):
        rows = rng.integers(0, n, n)
        y, a, b, g = (w[k][rows] for k in ("y", "a", "b", "g"))
        found = []
        for name in brute:
            values = []
            for group in "012":
                part = {"accuracy": g == group, "true_positive_rate": (g == group) & y}.get(name)
                sides = []
                for d in (a, b):
                    of = (g == group) & d if part is None else part
                    sides.append(np.mean((d == y)[of]) if of.any() else np.nan)
                values.append(sides[1] - sides[0])
            found.append(values)
        for name, values in zip(brute, found, strict=True):
            brute[name].append(np.array(values))
    for name, values in brute.items():
        metric = METRICS[name]
        assert isinstance(metric, GroupMetric)
        ours = metric.value(drawn.draws[1]) - metric.value(drawn.draws[0])
        theirs = np.array(values)
        assert np.nanmean(ours, axis=0) == pytest.approx(np.nanmean(theirs, axis=0), abs=0.006)
        assert np.nanstd(ours, axis=0) == pytest.approx(np.nanstd(theirs, axis=0), rel=0.06)
        for q in (0.025, 0.975):
            assert np.nanquantile(ours, q, axis=0) == pytest.approx(
                np.nanquantile(theirs, q, axis=0), abs=0.02
            )


def test_the_standard_error_of_accuracy_is_that_of_the_paired_formula() -> None:
    w = world(2000)
    grouping = group_rows(pd.DataFrame({"g": w["g"]})).marginal(())
    cells = count_jointly(grouping, w["y"], w["a"], w["b"])
    drawn = draw_tables(cells, 20000, np.random.default_rng(0), smoothing=0.0)
    metric = METRICS["accuracy"]
    assert isinstance(metric, GroupMetric)
    d = (w["b"] == w["y"]).astype(float) - (w["a"] == w["y"])
    spread = (metric.value(drawn.draws[1]) - metric.value(drawn.draws[0])).std()
    assert spread == pytest.approx(d.std() / np.sqrt(2000), rel=0.03)
    ((figure, missing),) = decision_differences(metric, drawn, 0.95)
    assert missing == 0
    assert figure.low == pytest.approx(d.mean() - 1.96 * spread, abs=0.002)
    assert figure.high == pytest.approx(d.mean() + 1.96 * spread, abs=0.002)


def test_scores_have_the_standard_errors_of_resampled_rows() -> None:
    w = world(300)
    found = compared(w)
    rng, areas, squares, gaps = np.random.default_rng(5), [], [], []
    for _ in range(500):
        rows = rng.integers(0, 300, 300)
        y, a, b, g = (w[k][rows] for k in ("y", "sa", "sb", "g"))
        areas.append(roc_auc_score(y, b) - roc_auc_score(y, a))
        squares.append(np.mean((b - y) ** 2) - np.mean((a - y) ** 2))
        of = g == "0"
        gaps.append(roc_auc_score(y[of], b[of]) - roc_auc_score(y[of], a[of]))
    for item, brute in (
        (found.everyone["roc_auc"], areas),
        (found.everyone["brier"], squares),
        (found.groups["0"]["roc_auc"], gaps),
    ):
        figure = item.difference
        assert figure.low is not None
        assert figure.high is not None
        assert (figure.high - figure.low) / 3.92 == pytest.approx(np.std(brute), rel=0.12)


def test_drawn_areas_are_as_far_apart_as_the_paired_error_says() -> None:
    w = world(600)
    shared = w["sa"] + 0.02 * np.random.default_rng(1).normal(size=600)
    grouping = group_rows(pd.DataFrame({"g": w["g"]}))
    found = drawn_areas(grouping, w["y"], (w["sa"], shared), 20000, np.random.default_rng(2))
    assert not isinstance(found, str)
    a, b = found.drawn
    for position, group in enumerate("012"):
        of = w["g"] == group
        change = auroc_change(w["y"][of], w["sa"][of], shared[of])
        assert change.low is not None
        assert change.high is not None
        spread = (change.high - change.low) / 3.92
        assert (b - a)[:, position].std() == pytest.approx(spread, rel=0.03)
        assert (b - a)[:, position].mean() == pytest.approx(change.estimate, abs=0.001)
        assert found.seen[1][position] == pytest.approx(roc_auc_score(w["y"][of], shared[of]))


def test_the_interval_is_moved_to_the_difference_in_the_sample() -> None:
    count = np.zeros((1, 2, 2, 2), dtype=np.int64)
    count[0, 1] = [[0, 9], [1, 10]]  # of 20 positives B alone finds 9, A alone 1
    drawn = draw_tables(JointCells(count), 5000, np.random.default_rng(0), 0.5)
    metric = METRICS["accuracy"]
    assert isinstance(metric, GroupMetric)
    ((figure, _),) = decision_differences(metric, drawn, 0.95)
    d = metric.value(drawn.draws[1]) - metric.value(drawn.draws[0])
    # Half a row in each of eight cells: (9.5 − 1.5) / 24 instead of 8 / 20.
    low, high = np.quantile(d[:, 0], [0.025, 0.975]) - 8 / 24 + 8 / 20
    assert figure.estimate == pytest.approx(0.4)
    assert (figure.low, figure.high) == pytest.approx((low, high))


def test_models_that_never_differ_are_not_taken_for_surely_equal() -> None:
    w = world(100)
    w["b"] = w["a"]
    found = compared(w)
    accuracy = found.everyone["accuracy"].difference
    assert accuracy.estimate == 0
    assert accuracy.low is not None
    assert accuracy.high is not None
    assert accuracy.low < -0.01
    assert accuracy.high > 0.01
    assert found.mcnemar.p_value == 1
    assert "no difference would have been found" in found.sentence()
    # What both share by definition does not differ.
    assert found.everyone["prevalence"].difference.high == 0
    assert found.disparities["prevalence_difference"].sentence() == (
        "A and B have the same base rate difference."
    )
    plain = compared(w, smoothing=0.0)
    assert plain.everyone["accuracy"].difference.high == 0


def test_mcnemar_is_that_of_right_decisions_and_the_sentence_speaks_of_it() -> None:
    w = world(1000)
    found = compared(w, names=("old", "new"))
    assert found.mcnemar == mcnemar(w["a"] == w["y"], w["b"] == w["y"])
    text = found.sentence()
    assert text.startswith(("new is right", "It is not shown that old and new"))
    assert "with these 1,000 people" in text
    assert text.endswith("80% power.")
    assert "new" in found.sentence("demographic_parity_difference")


def test_two_trained_models_are_compared_on_their_test_rows() -> None:
    data = dataset(600)
    a, b = (train(data, TrainingSpec(name)) for name in ("logistic_regression", "decision_tree"))
    found = compare_trained(data, a, b, draws=200)
    assert found.people == len(a.split.test)
    for side, trained in ((found.everyone["accuracy"].a, a), (found.everyone["accuracy"].b, b)):
        assert side == pytest.approx(trained.performance.figures["accuracy"].estimate)
    other = train(data, TrainingSpec("decision_tree", seed=1))
    with pytest.raises(InputError, match="not tested on the same rows"):
        compare_trained(data, a, other)
    with pytest.raises(InputError, match="different weights"):
        compare_trained(replace(data, weights=np.arange(1.0, 601)), a, b)


def test_unusable_input_is_refused() -> None:
    w = world(60)
    for options in (
        {"weights": np.arange(1.0, 61)},
        {"smoothing": -1.0},
        {"draws": 10},
        {"level": 1.0},
        {"power": 0.3},
    ):
        with pytest.raises(InputError):
            compared(w, **options)
    with pytest.raises(InputError):
        compared({**w, "b": w["b"][:-1]})
    with pytest.raises(InputError):
        compared({**w, "y": w["y"].astype(int)})
    with pytest.raises(InputError):
        compared({**w, "sb": np.full(60, np.nan)})
    compared(w, weights=np.full(60, 2.0), draws=100)  # equal weights say nothing


@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.booleans(), st.booleans(), st.booleans(),
                  st.sampled_from([0.0, 0.3, 0.5, 1.0]), st.sampled_from([0.0, 0.4, 1.0])),
        min_size=1,
        max_size=25,
    ),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_awkward_tables_are_answered_or_undefined_with_a_reason(
    rows: list[tuple[str, bool, bool, bool, float, float]], with_scores: bool
) -> None:
    g, y, a, b, sa, sb = (np.array(column) for column in zip(*rows, strict=True))
    found = compare_paired(
        y, a, b, pd.DataFrame({"g": g}), draws=200,
        scores_a=sa if with_scores else None, scores_b=sb if with_scores else None,
    )  # fmt: skip
    items = [*found.everyone.values(), *found.disparities.values()]
    items += [item for group in found.groups.values() for item in group.values()]
    assert len(items) == len(METRICS) * (1 + len(set(g))) + len(DISPARITIES)
    for item in items:
        figure = item.difference
        if item.a is None or item.b is None:
            assert figure.estimate is None
            assert figure.reason
        else:
            assert figure.estimate == pytest.approx(item.b - item.a)
            if figure.low is None:
                assert figure.reason
            else:
                assert -1 <= figure.low <= figure.estimate <= figure.high <= 1
        assert item.sentence().endswith(".")
        assert "nan" not in item.sentence()


def test_counts_and_tables_are_those_of_the_rows() -> None:
    w = world(300)
    cells = count_jointly(group_rows(pd.DataFrame({"g": w["g"]})), w["y"], w["a"], w["b"])
    first, second = tables(cells.count)
    for position, group in enumerate("012"):
        for label in (0, 1):
            for decision in (0, 1):
                of = (w["g"] == group) & (w["y"] == label)
                assert first[position, label, decision] == (of & (w["a"] == decision)).sum()
                assert second[position, label, decision] == (of & (w["b"] == decision)).sum()
