"""Outcomes at any threshold against decisions made row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.assign import assign
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.errors import InputError
from core.fairness.assessment.assess import assess, to_json
from core.fairness.counts.cube import build_cube
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.score_cube import count_scores, score_edges
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.what_if.thresholds import (
    CURVES,
    DRAWS,
    assess_at,
    at_thresholds,
    cost,
    curve,
    nearest_edge,
)
from core.training.threshold_what_if import what_if
from tests.core.fairness.tables import tables


def cube_of(rows, including=()):
    return count_scores(
        group_rows(rows.sensitive),
        rows.target,
        rows.scores,
        rows.weights,
        score_edges(rows.scores, including),
    )


@settings(max_examples=60, deadline=None)
@given(tables(), st.data())
def test_the_outcomes_are_those_of_decisions_by_group(rows, data):
    cube = cube_of(rows, (-1.0, 3.0))
    chosen = {g: data.draw(st.sampled_from(cube.edges.tolist())) for g in cube.groups}
    keys = list(zip(*(rows.sensitive[c] for c in rows.sensitive), strict=True))
    decided = rows.scores >= np.array([chosen[key] for key in keys])
    ours = at_thresholds(cube, chosen)
    exact = build_cube(rows.target, decided, rows.sensitive, rows.weights)
    assert ours.groups == exact.groups
    np.testing.assert_array_equal(ours.count, exact.count)
    np.testing.assert_allclose(ours.weight, exact.weight, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.weight_squared, exact.weight_squared, rtol=1e-9, atol=1e-12)
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    wrong_up, wrong_down = decided & ~rows.target, ~decided & rows.target
    found = cost(ours, 2.0, 5.0)
    assert found.total == pytest.approx(weights @ (2.0 * wrong_up + 5.0 * wrong_down))
    assert sum(found.by_group) == pytest.approx(found.total)
    masks = rows.masks()
    for group, each in zip(ours.groups, found.by_group, strict=True):
        held = masks[group]
        assert each == pytest.approx((weights * (2.0 * wrong_up + 5.0 * wrong_down))[held].sum())


@settings(max_examples=30, deadline=None)
@given(tables())
def test_curves_are_the_metrics_at_each_threshold(rows):
    cube = cube_of(rows)
    for name in CURVES:
        found = curve(cube, name)
        assert found.shape == (len(cube.groups), len(cube.edges))
        for i, edge in enumerate(cube.edges):
            exact = METRICS[name].value(at_thresholds(cube, float(edge)).weight)
            np.testing.assert_allclose(found[:, i], exact, rtol=1e-9, atol=1e-12)


def test_the_assessment_at_a_threshold_is_that_of_the_rows():
    rng = np.random.default_rng(0)
    sensitive = pd.DataFrame({"g": rng.choice(["a", "b"], 800)})
    scores = rng.integers(1, 11, 800).astype(float)
    target = rng.random(800) < scores / 12
    cube = count_scores(group_rows(sensitive), target, scores)
    for favourable in (True, False):
        ours = assess_at(cube, 5.0, positive_is_favourable=favourable)
        exact = assess(
            target,
            scores >= 5,
            sensitive,
            scores=scores,
            positive_is_favourable=favourable,
            draws=DRAWS,
        )
        first, second = to_json(ours), to_json(exact)
        for one, other in zip(first["by_group"], second["by_group"], strict=True):
            for name in ("brier", "expected_calibration_error"):
                assert one.pop(name) == other.pop(name)
                assert one["undefined"][name] == other["undefined"][name]
            assert one.pop("roc_auc") == pytest.approx(other.pop("roc_auc"), abs=1e-12)
            assert one["intervals"].pop("roc_auc") == pytest.approx(
                other["intervals"].pop("roc_auc"), abs=1e-9
            )
            assert one == other
        assert first["four_fifths"] == second["four_fifths"]


def test_what_if_starts_from_today_s_decisions():
    trained = None
    world = dataset_of(
        pd.DataFrame({"y": [0, 1, 1, 0] * 25, "g": list("aabb") * 25, "s": np.arange(100) / 100}),
        score="s",
        threshold=0.335,
    )
    found = what_if(world, trained, ("g",))
    assert (found.current, found.start) == (0.335, 0.335)
    assert len(found.choices) == 102
    np.testing.assert_array_equal(at_thresholds(found.cube, 0.335).count, found.now.count)
    rows = pd.DataFrame(
        {
            "y": [0, 1, 1, 0] * 25,
            "g": list("aabb") * 25,
            "s": np.arange(100) % 10,
            "d": (np.arange(100) % 10 >= 7).astype(int),
        }
    )
    found = what_if(dataset_of(rows, score="s", prediction="d"), trained, ("g",))
    assert (found.current, found.start) == (None, 7.0)
    assert found.choices == tuple(float(v) for v in range(10))
    with pytest.raises(InputError, match="without scores"):
        what_if(dataset_of(rows, prediction="d"), trained, ("g",))


def dataset_of(frame, **roles):
    read = read_bytes(frame.to_csv(index=False).encode(), "world.csv")
    return assign(read, Roles("y", "1", ("g",), **roles))


def test_bad_thresholds_and_costs_are_named():
    grouping = group_rows(pd.DataFrame({"g": list("ab")}))
    cube = count_scores(grouping, np.array([True, False]), np.array([0.25, 0.75]))
    with pytest.raises(InputError, match=r"nearest is 0\.75"):
        at_thresholds(cube, 0.6)
    with pytest.raises(InputError, match="group b: it has no threshold"):
        at_thresholds(cube, {("a",): 0.25})
    with pytest.raises(InputError, match="not a number"):
        nearest_edge(cube, float("nan"))
    with pytest.raises(InputError, match="threshold"):
        curve(cube, "roc_auc")
    outcomes = at_thresholds(cube, 0.75)
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="cost of a false negative"):
            cost(outcomes, 1.0, bad)
