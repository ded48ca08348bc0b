"""Any number of classes against scikit-learn, fairlearn and a hand-counted table."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, classification_report, recall_score

from core.errors import InputError
from core.fairness.assessment.class_record import classes_json, largest_gaps
from core.fairness.assessment.multiclass import assess_classes
from core.fairness.counts.class_cube import against_rest, count_classes
from core.fairness.counts.cube import build_cube
from core.fairness.counts.grouping import group_rows
from core.fairness.metrics.class_metrics import CLASS_METRICS

NAMES = {"precision": "precision", "recall": "recall", "f1-score": "f1"}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.booleans())
def test_all_figures_are_those_of_scikit_learn_s_report(seed, k, weighted):
    rng = np.random.default_rng(seed)
    classes = list("wxyz")[:k]
    labels, predictions = rng.choice(classes, (2, 50))
    sensitive = pd.DataFrame({"g": rng.choice(["a", "b"], 50)})
    weights = rng.choice([0.25, 1.0, 3.0], 50) if weighted else None
    if len({*labels, *predictions}) < 2:
        return
    found = assess_classes(labels, predictions, sensitive, weights=weights, draws=100)
    for group in (found.overall, *found.groups):
        rows = np.ones(50, bool) if not group.group else (sensitive["g"] == group.name).to_numpy()
        report = classification_report(
            labels[rows],
            predictions[rows],
            labels=list(found.classes),
            sample_weight=None if weights is None else weights[rows],
            output_dict=True,
            zero_division=np.nan,
        )
        figures = group.figures
        w = None if weights is None else weights[rows]
        accuracy = accuracy_score(labels[rows], predictions[rows], sample_weight=w)
        assert figures["accuracy"].estimate == pytest.approx(accuracy, abs=1e-9)
        for theirs, ours in NAMES.items():
            each = [report[name][theirs] for name in found.classes]
            macro = figures[f"macro_{ours}"].estimate
            if np.isnan(each).any():
                assert macro is None
                assert "no rows" in figures[f"macro_{ours}"].reason
            else:
                assert macro == pytest.approx(report["macro avg"][theirs], abs=1e-9)
            mean = figures[f"weighted_{ours}"].estimate
            # A class that is never predicted though somebody is of it leaves precision undefined;
            # theirs leaves the class out, or gives 0 in older versions.
            lost = [
                report[name]["support"] > 0 and np.isnan(report[name][theirs])
                for name in found.classes
            ]
            if any(lost):
                assert mean is None
            else:
                support = np.array([report[name]["support"] for name in found.classes])
                peer = np.nansum(np.array(each) * support) / support.sum()
                assert mean == pytest.approx(peer, abs=1e-9)
        for figure in figures.values():
            if figure.estimate is not None:
                assert figure.low <= figure.estimate <= figure.high
    json.dumps(classes_json(found), allow_nan=False)


def test_rates_by_group_and_gaps_are_fairlearn_s():
    rng = np.random.default_rng(3)
    classes = np.array(["x", "y", "z"])
    labels = rng.choice(classes, 900)
    groups = rng.choice(["a", "b", "c"], 900)
    right = rng.random(900) < np.where(groups == "a", 0.9, 0.6)
    predictions = np.where(right, labels, rng.choice(classes, 900))
    found = assess_classes(labels, predictions, pd.DataFrame({"g": groups}))
    frame = MetricFrame(
        metrics={"macro": lambda y, p: recall_score(y, p, average="macro")},
        y_true=labels, y_pred=predictions, sensitive_features=groups,
    )  # fmt: skip
    gap = next(gap for gap in found.gaps if gap.metric == "macro_recall")
    assert gap.figure.estimate == pytest.approx(frame.difference()["macro"], abs=1e-9)
    assert gap.between[1] == "a"
    assert gap.figure.low > 0
    for name in classes:
        frame = MetricFrame(
            metrics=recall_score, y_true=labels == name, y_pred=predictions == name,
            sensitive_features=groups,
        )  # fmt: skip
        gap = next(
            g for g in found.class_gaps if (g.label, g.metric) == (name, "true_positive_rate")
        )
        assert gap.figure.estimate == pytest.approx(frame.difference(), abs=1e-9)
        for group in found.by_class[name].groups:
            rate = group.figures["true_positive_rate"].estimate
            assert rate == pytest.approx(frame.by_group[group.name], abs=1e-9)
    largest = {gap.metric: gap for gap in largest_gaps(found)}["true_positive_rate"]
    assert largest.figure.estimate == max(
        g.figure.estimate for g in found.class_gaps if g.metric == "true_positive_rate"
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_each_class_against_the_rest_is_the_cube_of_two_labels(seed, k):
    rng = np.random.default_rng(seed)
    labels, predictions = rng.choice(list("vwxyz")[:k], (2, 30)).astype(object)
    sensitive = pd.DataFrame({"g": rng.choice(["a", "b"], 30), "h": rng.choice(["c", "d"], 30)})
    weights = rng.choice([0.0, 0.1, 2.0], 30)
    weights[0] = 1.0
    cube = count_classes(group_rows(sensitive), labels, predictions, weights)
    for name in cube.classes:
        pair = build_cube(labels == name, predictions == name, sensitive, weights)
        ours = cube.against_rest(name)
        np.testing.assert_array_equal(ours.count, pair.count)
        np.testing.assert_allclose(ours.weight, pair.weight, atol=1e-12)
        np.testing.assert_array_equal(ours.weight == 0, pair.weight == 0)
    assert cube.marginal(["h"]).count.sum() == cube.marginal([]).count.sum() == 30


def test_with_two_classes_the_draws_have_the_prior_of_the_binary_cube():
    cube = count_classes(
        group_rows(pd.DataFrame({"g": ["a"] * 4})),
        np.array(["x", "x", "y", "y"], dtype=object),
        np.array(["x", "y", "y", "y"], dtype=object),
    )
    drawn = cube.draw(0, 40_000, np.random.default_rng(0))
    expected = (cube.count[0] + 0.5) / 6
    np.testing.assert_allclose(drawn.mean(axis=0), expected, atol=0.005)
    np.testing.assert_array_equal(against_rest(cube.count[0], 1), cube.count[0])


def test_undefined_averages_name_the_class_and_the_gap_names_who_is_left_out():
    labels = np.array(["x", "y", "z"] * 20 + ["x", "y"] * 30)
    sensitive = pd.DataFrame({"g": ["a"] * 60 + ["b"] * 60})
    found = assess_classes(labels, labels, sensitive, draws=200)
    group = next(g for g in found.groups if g.name == "b")
    assert group.figures["macro_recall"].reason == "no rows of class 'z' in this group"
    assert group.figures["weighted_recall"].estimate == 1.0
    gap = next(g for g in found.gaps if g.metric == "macro_recall")
    assert gap.figure.reason == "fewer than two groups have it"
    assert gap.left_out == ("b",)
    gap = next(g for g in found.class_gaps if (g.label, g.metric) == ("z", "true_positive_rate"))
    assert gap.left_out == ("b",)
    weights = np.where(sensitive["g"] == "a", 1.0, 0.0)
    found = assess_classes(labels, labels, sensitive, weights=weights, draws=200)
    group = next(g for g in found.groups if g.name == "b")
    assert group.figures["accuracy"].reason == "all rows in this group have weight zero"
    assert "too few to judge" in group.too_small


def test_favourable_classes_turn_the_four_fifths_rule():
    labels = np.array(["yes", "no", "later"] * 40)
    predictions = np.array((["yes"] * 30 + ["no"] * 30) + (["yes"] * 10 + ["no"] * 50))
    sensitive = pd.DataFrame({"g": ["a"] * 60 + ["b"] * 60})
    found = assess_classes(labels, predictions, sensitive, favourable=["yes"], draws=200)
    assert found.by_class["yes"].four_fifths.ratio.estimate == pytest.approx(10 / 30)
    # Not being refused is the favourable decision: 30 of 60 against 10 of 60.
    assert found.by_class["no"].four_fifths.ratio.estimate == pytest.approx(10 / 30)


def test_bad_classes_are_named():
    sensitive = pd.DataFrame({"g": ["a", "b"]})
    good = np.array(["x", "y"])
    with pytest.raises(InputError, match="row 1 has no class"):
        assess_classes(np.array(["x", None], dtype=object), good, sensitive)
    with pytest.raises(InputError, match="no row has this class"):
        assess_classes(good, good, sensitive, favourable=["w"])
    with pytest.raises(InputError, match="fewer than two"):
        assess_classes(good[:1], good[:1], sensitive[:1])
    with pytest.raises(InputError, match="1 for 2 labels"):
        assess_classes(good, good[:1], sensitive)
    with pytest.raises(InputError, match="2 for 1 sensitive"):
        assess_classes(good, good, sensitive[:1])


def test_registered_figures_tell_what_they_are():
    assert {m.name for m in CLASS_METRICS} >= {"accuracy", "macro_recall", "weighted_f1"}
    assert all(m.sentence.endswith(".") for m in CLASS_METRICS)


@pytest.mark.slow
@pytest.mark.parametrize("size", [30, 150])
def test_intervals_of_averages_cover_as_often_as_they_say(size):
    rng = np.random.default_rng(size)
    classes = np.array(["x", "y", "z"])
    share, hit = np.array([0.6, 0.3, 0.1]), {"a": 0.85, "b": 0.7}
    held = {"accuracy": 0, "macro_recall": 0, "gap": 0}
    worlds = 150
    for world in range(worlds):
        labels = rng.choice(classes, 2 * size, p=share)
        groups = np.repeat(["a", "b"], size)
        right = rng.random(2 * size) < np.where(groups == "a", hit["a"], hit["b"])
        # Wrong answers are never right by chance: the next class in turn.
        wrong = classes[(np.searchsorted(classes, labels) + 1) % 3]
        predictions = np.where(right, labels, wrong)
        found = assess_classes(
            labels, predictions, pd.DataFrame({"g": groups}), draws=500, seed=world
        )
        group = next(g for g in found.groups if g.name == "a")
        for name in ("accuracy", "macro_recall"):
            figure = group.figures[name]
            held[name] += figure.low is not None and figure.low <= hit["a"] <= figure.high
            if figure.low is None:
                held[name] += 1  # Undefined makes no claim.
        gap = next(g for g in found.gaps if g.metric == "accuracy").figure
        held["gap"] += gap.low <= hit["a"] - hit["b"] <= gap.high
    for name, count in held.items():
        assert 0.9 <= count / worlds <= 1, (name, count / worlds)
