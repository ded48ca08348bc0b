"""Axes: all that is registered, the better end, and bounds that hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.metric_registry import METRICS
from core.tradeoff.frontier.axes import EPSILON, axes, axis_named, objectives
from core.tradeoff.sweep.point import figure_name

COMBINATIONS = (("sex",), ("sex", "race"))


def test_every_registered_figure_is_there_under_the_name_it_has_in_a_point() -> None:
    expected = list(METRICS.names())
    expected += [figure_name(d.name, c) for c in COMBINATIONS for d in DISPARITIES]
    assert [axis.name for axis in axes(COMBINATIONS)] == expected


def test_a_new_metric_appears_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        METRICS._entries, "new", replace(METRICS["brier"], name="new", title="New", better="lower")
    )
    found = axis_named("new", ())
    assert (found.title, found.direction, found.sign) == ("New", "lower", 1.0)
    assert (found.low, found.high) == (None, None)  # the registry tells no bounds


def test_the_better_end() -> None:
    directions = {axis.name: axis.direction for axis in axes((("sex",),))}
    assert directions["accuracy"] == directions["roc_auc"] == "higher"
    assert directions["brier"] == directions["expected_calibration_error"] == "lower"
    assert directions["prevalence"] is None
    assert directions["selection_rate"] is None
    assert directions["prevalence_difference by sex"] is None
    assert directions["equalized_odds_difference by sex"] == "lower"
    assert directions["demographic_parity_ratio by sex"] == "nearer to 1"
    assert axis_named("demographic_parity_ratio by sex", (("sex",),)).sign == -1
    assert EPSILON.direction == "lower"


def test_what_has_no_better_end_says_why_and_is_no_objective() -> None:
    for axis in axes(COMBINATIONS):
        assert (axis.direction is None) == (axis.reason is not None)
        assert (axis in objectives(COMBINATIONS)) == (axis.reason is None)
        if axis.reason is not None:
            with pytest.raises(InputError, match="can't be traded off"):
                axis.loss(np.array([0.5]))


def test_losses_order_values_as_the_axis_does() -> None:
    values = np.array([0.2, np.nan, 0.9])
    for name, worst in (("accuracy", 0.2), ("brier", 0.9), ("accuracy_difference by sex", 0.9)):
        losses = axis_named(name, (("sex",),)).loss(values)
        assert np.isnan(losses[1])
        assert values[np.nanargmax(losses)] == worst


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(InputError, match="'acuracy'"):
        axis_named("acuracy", ())


@pytest.mark.parametrize("seed", range(12))
def test_bounds_hold_for_assessed_figures(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 60
    scores = np.round(rng.random(n), 1 + seed % 3)
    target = rng.random(n) < rng.random()
    if seed % 2:  # scores that are as wrong as can be
        target = scores < 0.5
    sensitive = pd.DataFrame({"sex": rng.choice(["a", "b", "c"], n)})
    found = assess(target, scores >= 0.5, sensitive, scores=scores)
    values = {name: figure.estimate for name, figure in found.overall.figures.items()}
    values |= {figure_name(d.name, ("sex",)): d.figure.estimate for d in found.disparities}
    checked = 0
    for axis in axes((("sex",),)):
        value = values[axis.name]
        if value is not None:
            assert axis.low is not None
            assert axis.high is not None
            assert axis.low <= value <= axis.high + 1e-12
            checked += 1
    assert checked > 15


def test_the_calibration_gap_can_pass_1_and_not_its_bound() -> None:
    sensitive = pd.DataFrame({"sex": ["a"] * 40 + ["b"] * 40})
    scores = np.array([0.301] * 40 + [0.399] * 40)
    target = np.array([True] * 40 + [False] * 40)
    found = assess(target, scores >= 0.5, sensitive, scores=scores)
    gap = found.disparity("calibration_gap").figure.estimate
    axis = axis_named("calibration_gap by sex", (("sex",),))
    assert gap is not None
    assert axis.high is not None
    assert 1 < gap <= axis.high
