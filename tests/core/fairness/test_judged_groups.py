"""One answer to one question: the same groups are judged wherever a gap is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.fairness.threshold_view import describe_thresholds
from components.train.effect_view import finding, gap_table
from components.widgets import verdict
from core.comparison.paired.paired_bootstrap import compare_paired
from core.fairness.assessment.assess import assess, to_json
from core.fairness.counts.cube import build_cube
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.score_cube import count_scores, score_edges
from core.fairness.disparities.gap_significance import is_significant
from core.fairness.disparities.gap_verdict import gap_verdict
from core.fairness.disparities.judged_gap import TOO_FEW, compared_note, judged_gap
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.judged_groups import compared_positions, judged_positions
from core.fairness.what_if.thresholds import ErrorCost, assess_at, at_thresholds
from core.mitigation.effect import effect

ODDS, PARITY = "equalized_odds_difference", "demographic_parity_difference"


def world(small: int = 12, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make two groups of 200 and one of few rows, all of whom are decided wrongly."""
    rng = np.random.default_rng(seed)
    groups = np.array(["A"] * 200 + ["B"] * 200 + ["C"] * small, dtype=object)
    target = rng.random(len(groups)) < 0.5
    target[400:] = np.arange(small) % 2 == 0
    scores = np.clip(0.3 * target + 0.7 * rng.random(len(groups)), 0, 1)
    scores[400:] = np.where(target[400:], 0.1, 0.9)
    return target, groups, scores


def test_a_few_rows_make_no_gap_anywhere() -> None:
    target, groups, scores = world()
    sensitive = pd.DataFrame({"group": groups})
    large = groups != "C"
    before, after = scores >= 0.4, scores >= 0.5
    found = assess(target, after, sensitive, scores=scores)
    alone = assess(target[large], after[large], sensitive[large], scores=scores[large])
    for name in (ODDS, PARITY, "accuracy_difference", "roc_auc_difference", "calibration_gap"):
        item, expected = found.disparity(name), alone.disparity(name)
        assert item.figure == expected.figure
        assert item.between == expected.between
        assert item.left_out == ("C",)
        assert judged_gap(found, name).figure == item.figure
        assert to_json(found)["disparities"][name]["left_out"] == ["C"]
    # Train, Thresholds, comparisons: the same figure of the same decisions.
    changed = {gap.name: gap for gap in effect(target, groups, before, after).gaps}
    cube = count_scores(
        group_rows(sensitive), target, scores, None, score_edges(scores, (0.4, 0.5))
    )
    moved = assess_at(cube, 0.5)
    paired = compare_paired(target, before, after, sensitive)
    for name in (ODDS, PARITY):
        value = found.disparity(name).figure.estimate
        assert changed[name].after.estimate == value
        assert moved.disparity(name).figure.estimate == value
        assert paired.disparities[name].b == value
        assert changed[name].among == "among groups large enough to judge, which C is not"
    apart = compare_paired(target[large], before[large], after[large], sensitive[large])
    for name in (ODDS, PARITY):
        both = paired.disparities[name].difference, apart.disparities[name].difference
        assert both[0].estimate == both[1].estimate
        assert both[0].low == pytest.approx(both[1].low, abs=0.02)
        assert both[0].high == pytest.approx(both[1].high, abs=0.02)
    result = describe_thresholds(
        (assess_at(cube, 0.4), moved),
        (at_thresholds(cube, 0.4), at_thresholds(cube, 0.5)),
        (ErrorCost(0, (), 0, 0), ErrorCost(0, (), 0, 0)),
    )
    assert f"to {found.disparity(ODDS).figure.estimate:.2f}, among groups large enough" in result


@pytest.mark.parametrize(("rows", "left_out"), [(29, ("C",)), (30, ())])
def test_the_edge_in_rows(rows: int, left_out: tuple[str, ...]) -> None:
    target, groups, scores = world(rows)
    found = assess(target, scores >= 0.5, pd.DataFrame({"group": groups}))
    assert found.disparity(ODDS).left_out == left_out
    small = next(group for group in found.groups if group.name == "C")
    assert small.is_judged_by("accuracy") is (rows == 30)


@pytest.mark.parametrize(("positives", "judged"), [(9, False), (10, True)])
def test_few_labels_leave_a_group_out_of_the_rates_among_them_only(
    positives: int, judged: bool
) -> None:
    target, groups, scores = world(60)
    target[400:] = np.arange(60) < positives
    cube = build_cube(target, scores >= 0.5, pd.DataFrame({"group": groups}))
    assert (2 in judged_positions(cube, ("true_positive_rate",))) is judged
    assert 2 in judged_positions(cube, ("selection_rate", "false_positive_rate", "precision"))
    found = assess(target, scores >= 0.5, pd.DataFrame({"group": groups}))
    assert (found.disparity(ODDS).left_out == ()) is judged
    assert found.disparity(PARITY).left_out == ()
    small = next(group for group in found.groups if group.name == "C")
    assert small.is_judged_by("selection_rate")
    assert small.is_judged_by("true_positive_rate") is judged
    verdict_of = gap_verdict(cube, "true_positive_rate")
    assert (verdict_of.left_out == ()) is judged


def test_where_no_two_are_large_enough_all_are_described_and_none_judged() -> None:
    target, groups, scores = world()
    rows = np.r_[0:20, 200:215, 400:412]
    sensitive = pd.DataFrame({"group": groups[rows]})
    found = assess(target[rows], scores[rows] >= 0.5, sensitive)
    assert found.disparity(PARITY).figure.estimate is not None
    assert found.disparity(PARITY).left_out == ()
    gap = judged_gap(found, PARITY)
    assert gap.figure == Figure(None, reason=TOO_FEW)
    assert gap.left_out == ("A", "B", "C")
    assert compared_note(found, PARITY).startswith("among all groups, as no two are large enough")
    assert verdict.largest_gap(found).startswith("No gap between the groups can be judged")


def test_unknown_groups_are_neither_judged_nor_left_out() -> None:
    target, groups, scores = world()
    groups[:50] = "(missing)"
    found = assess(target, scores >= 0.5, pd.DataFrame({"group": groups}))
    assert found.disparity(PARITY).left_out == ("C",)
    assert found.cube is not None
    names = [found.cube.groups[p][0] for p in compared_positions(found.cube, ("selection_rate",))]
    assert names == ["A", "B"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 60), min_size=2, max_size=5),
    st.integers(0, 10_000),
    st.floats(0.02, 0.98),
)
def test_against_a_count_by_hand(sizes: list[int], seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    groups = np.repeat([f"g{i}" for i in range(len(sizes))], sizes).astype(object)
    target, decided = (rng.random(len(groups)) < share for _ in range(2))
    found = assess(target, decided, pd.DataFrame({"group": groups}))
    frame = pd.DataFrame({"g": groups, "y": target, "d": decided})
    for name, label in (
        ("demographic_parity_difference", None),
        ("equal_opportunity_difference", 1),
    ):
        enough = []
        for _, part in frame.groupby("g"):
            labels = part if label is None else part[part.y == bool(label)]
            if len(part) >= 30 and (label is None or len(labels) >= 10):
                enough.append(labels.d.mean())
        if len(enough) > 1:
            value = found.disparity(name).figure.estimate
            assert value == pytest.approx(max(enough) - min(enough), abs=1e-12)


def test_a_mitigation_that_changed_nothing_says_the_same() -> None:
    target, groups, scores = world()
    decided = scores >= 0.5
    same = effect(target, groups, decided, decided)
    assert finding(same, ODDS).startswith("The same: none of 412 decisions changed")
    assert set(gap_table(same)["With mitigation"]) == {"the same"}
    other = decided.copy()
    other[0] = not other[0]
    changed = effect(target, groups, decided, other)
    assert finding(changed, ODDS).startswith("1 of 412 decisions changed")
    assert "the same" not in gap_table(changed)["With mitigation"].iloc[3]


@pytest.mark.parametrize(
    ("bound", "parity", "digits", "sure"),
    [
        (0.0049, 0.0, 2, False), (0.0051, 0.0, 2, True), (0.0004, 0.0, 3, False),
        (0.0006, 0.0, 3, True), (-0.2, 0.0, 3, False), (None, 0.0, 3, False),
        (0.9996, 1.0, 3, False), (0.9994, 1.0, 3, True), (1.2, 1.0, 3, False),
    ],
)  # fmt: skip
def test_what_rounds_to_no_gap_is_not_significant(
    bound: float | None, parity: float, digits: int, sure: bool
) -> None:
    assert is_significant(bound, parity=parity, digits=digits) is sure
