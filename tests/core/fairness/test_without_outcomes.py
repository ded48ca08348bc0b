"""Decisions without true outcomes: what needs no outcome is as with one, all else says why not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.assign import assign
from core.data.dataset import NO_OUTCOME
from core.data.reading.reading import read_path
from core.data.roles.roles import Roles
from core.errors import InputError
from core.fairness.assessment.assess import assess, assess_attributes, to_json
from core.fairness.counts.cube import build_cube
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.score_cube import count_scores
from core.fairness.disparities.conditional import conditional_parity
from core.fairness.disparities.gap_verdict import gap_verdict
from core.fairness.disparities.rate_tests import against_rest
from core.fairness.disparities.reference import compare_with
from core.fairness.disparities.subgroups import search_subgroups
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.what_if.thresholds import assess_at, at_thresholds, cost, curve

FREE = {"selection_rate"}
"""Metrics that sum over the labels, listed by hand: everything else asks what came true."""
HIRING = "tests/cases/hiring_decisions.csv"


def rows(seed, n=300, groups=3):
    rng = np.random.default_rng(seed)
    return (
        rng.random(n) < 0.4,
        rng.random(n) < 0.5,
        pd.DataFrame({"g": rng.integers(0, groups, n).astype(str)}),
        rng.random(n),
        rng.integers(1, 5, n).astype(float),
    )


def test_only_the_selection_rate_needs_no_outcome():
    assert {metric.name for metric in METRICS if not metric.needs_outcome} == FREE


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans(), st.booleans())
def test_what_needs_no_outcome_is_the_same_with_and_without(seed, scored, weighted, favourable):
    target, decisions, sensitive, scores, weights = rows(seed, n=60)
    options = {
        "scores": scores if scored else None,
        "weights": weights if weighted else None,
        "positive_is_favourable": favourable,
        "draws": 200,
    }
    result = assess(target, decisions, sensitive, **options)
    without = assess(None, decisions, sensitive, **options)
    for a, b in zip(result.groups, without.groups, strict=True):
        assert (a.group, a.count, a.weight) == (b.group, b.count, b.weight)
        assert a.figures["selection_rate"] == b.figures["selection_rate"]
    for name in ("demographic_parity_difference", "demographic_parity_ratio"):
        assert result.disparity(name) == without.disparity(name)
    assert result.four_fifths == without.four_fifths


@given(st.integers(0, 2**32 - 1))
def test_what_needs_an_outcome_says_that_none_was_given(seed):
    _, decisions, sensitive, scores, weights = rows(seed, n=60)
    found = assess(None, decisions, sensitive, scores=scores, weights=weights, draws=200)
    for group in (*found.groups, found.overall):
        for name, figure in group.figures.items():
            if name not in FREE:
                assert figure.estimate is None
                assert (figure.low, figure.high) == (None, None)
                assert figure.reason == NO_OUTCOME
    for disparity in found.disparities:
        if not disparity.name.startswith("demographic_parity"):
            assert disparity.figure.estimate is None
            assert disparity.among_defined is None
            assert NO_OUTCOME in disparity.figure.reason
    for index in found.inequality:
        assert index.individual.reason == index.between_groups.reason == NO_OUTCOME


def test_a_group_without_outcomes_is_not_called_small_for_lack_of_labels():
    decisions, sensitive = np.arange(80) % 2 == 0, pd.DataFrame({"g": ["a", "b"] * 40})
    sensitive.iloc[:31, 0], sensitive.iloc[31:, 0] = "a", "b"
    assert [group.too_small for group in assess(None, decisions, sensitive).groups] == [None, None]
    few = assess(None, decisions[:59], sensitive.iloc[:59]).groups
    assert [group.too_small is None for group in few] == [True, False]


def test_comparisons_with_a_reference_know_that_there_is_no_outcome():
    target, decisions, sensitive, _, _ = rows(1)
    cube = build_cube(None, decisions, sensitive)
    result = build_cube(target, decisions, sensitive)
    for a, b in zip(
        compare_with(cube, "selection_rate", "1"),
        compare_with(result, "selection_rate", "1"),
        strict=True,
    ):
        assert a.difference.estimate == b.difference.estimate
        # The draws are of other cells, so that their ends agree but for the noise of drawing.
        assert a.difference.low == pytest.approx(b.difference.low, abs=0.02)
        assert a.ratio.high == pytest.approx(b.ratio.high, abs=0.05)
    for gap in compare_with(cube, "true_positive_rate", "overall"):
        assert gap.difference.estimate is None
        assert NO_OUTCOME in gap.difference.reason


def test_conditional_parity_needs_no_outcome_for_selection_rates_only():
    target, decisions, sensitive, _, _ = rows(2)
    control = pd.DataFrame({"c": np.arange(len(decisions)) % 2})
    with_labels = conditional_parity(target, decisions, sensitive, control)
    assert conditional_parity(None, decisions, sensitive, control).gap == with_labels.gap
    with pytest.raises(InputError, match=NO_OUTCOME):
        conditional_parity(None, decisions, sensitive, control, "true_positive_rate")


def hiring(**roles):
    named = {"sensitive": ("sex", "race"), "prediction": "selected", "positive_label": "1"}
    return assign(read_path(HIRING), Roles(None, **(named | roles)))


def test_decisions_alone_make_a_dataset():
    found = hiring(score="score")
    assert len(found) == 2379
    assert found.outcome is None
    assert found.predictions.sum() == (pd.read_csv(HIRING).selected == 1).sum()
    with pytest.raises(InputError, match=NO_OUTCOME):
        _ = found.target


def test_a_label_that_no_decision_has_is_refused():
    with pytest.raises(InputError, match="no label 'yes'"):
        hiring(positive_label="yes")


def test_neither_outcome_nor_decision_is_refused():
    with pytest.raises(InputError, match="neither a column of true outcomes"):
        hiring(prediction=None, features=("score",))


def test_a_score_given_as_decision_is_refused():
    with pytest.raises(InputError, match=r"distinct numbers, as a score has.*threshold"):
        hiring(prediction="score", positive_label="50")


def test_hiring_by_sex_is_as_counted_by_hand():
    frame = pd.read_csv(HIRING)
    data = hiring()
    found = assess_attributes(None, data.predictions, data.sensitive)[("sex",)]
    by_name = {group.name: group for group in found.groups}
    for name in ("Male", "Female"):
        own = frame[frame.sex == name].selected
        assert by_name[name].count == len(own)
        rate = by_name[name].figures["selection_rate"].estimate
        assert rate == pytest.approx(own.mean(), abs=1e-12)
    assert by_name["Male"].figures["selection_rate"].estimate == pytest.approx(0.48301, abs=5e-6)
    assert by_name["Female"].figures["selection_rate"].estimate == pytest.approx(0.43860, abs=5e-6)
    assert to_json(found)["by_group"][0]["undefined"]["true_positive_rate"] == NO_OUTCOME


def test_tests_and_verdicts_know_that_there_is_no_outcome():
    target, decisions, sensitive, _, _ = rows(3)
    cube, result = (build_cube(labels, decisions, sensitive) for labels in (None, target))
    assert against_rest(cube, "selection_rate") == against_rest(result, "selection_rate")
    for metric in ("accuracy", "true_positive_rate", "f1"):
        assert {test.reason for test in against_rest(cube, metric)} == {NO_OUTCOME}
        assert gap_verdict(cube, metric).finding == "undefined"
    with pytest.raises(InputError, match=NO_OUTCOME):
        next(search_subgroups(None, decisions, sensitive, "precision"))
    _, found = list(search_subgroups(None, decisions, sensitive, "selection_rate"))[-1]
    assert found == list(search_subgroups(target, decisions, sensitive, "selection_rate"))[-1][1]


def test_unknown_groups_are_neither_best_nor_part_of_a_verdict():
    decisions = np.r_[np.ones(60, bool), np.arange(120) % 2 == 0]
    groups = pd.DataFrame({"g": ["(missing)"] * 60 + ["a"] * 60 + ["b"] * 60})
    cube = build_cube(None, decisions, groups)
    assert {gap.reference for gap in compare_with(cube, "selection_rate", "best")} <= {"a", "b"}
    verdict = gap_verdict(cube, "selection_rate")
    assert verdict.gap.estimate == 0
    assert verdict.left_out == ("(missing)",)


def test_thresholds_are_tried_without_outcomes():
    frame = pd.read_csv("tests/cases/hiring_decisions.csv").fillna({"sex": "(missing)"})
    scores, groups = frame.score.to_numpy(), frame[["sex"]]
    cube = count_scores(group_rows(groups), None, scores, edges=np.array([44.8]))
    found = assess_at(cube, 44.8)
    rates = {g.name: g.figures["selection_rate"].estimate for g in found.groups}
    for name in ("Female", "Male"):
        assert rates[name] == (scores[(groups.sex == name)] >= 44.8).mean()
    assert found.overall.figures["accuracy"].reason == NO_OUTCOME
    assert found.overall.figures["roc_auc"].estimate is None
    assert curve(cube, "selection_rate").shape == (3, 1)
    for refused in (
        lambda: curve(cube, "precision"),
        lambda: cost(at_thresholds(cube, 44.8), 1, 1),
    ):
        with pytest.raises(InputError, match="no true outcome was given"):
            refused()
