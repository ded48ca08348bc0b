"""Tables and the verdict say what the assessment found, and what it could not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.widgets import verdict
from components.widgets.tables import (
    SHOWN,
    between,
    describe_disparity,
    disparity_table,
    format_figure,
    group_table,
)
from core.data.roles.roles import Roles
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.assessment import Disparity, Figure
from core.fairness.metrics.metric_registry import METRICS
from core.training.spec import TrainingSpec
from tests.components.test_fairness_charts import WIDE, assessed


def test_figures_are_written_with_interval_or_reason():
    assert format_figure(Figure(0.25, 0.2, 0.3)) == "0.250 (0.200 to 0.300)"
    assert format_figure(Figure(None, reason="no rows")) == "not defined: no rows"
    assert (
        format_figure(Figure(0.5, reason="no interval: one row")) == "0.500 (no interval: one row)"
    )


def test_group_table_has_everyone_each_group_and_each_metric():
    table = group_table(assessed(WIDE | {"Other": (0, 0, 1, 3)})).set_index("Group")
    assert list(table.index) == ["everyone", "Female", "Male", "Other"]
    assert list(table["Rows"]) == [404, 200, 200, 4]
    assert list(table["Large enough?"]) == ["yes", "yes", "yes", "no"]
    assert table.loc["Other", "True positive rate"] == (
        "not defined: no positive labels in this group"
    )
    assert table.loc["Other", "Why too small"].startswith("Only 4 rows")
    assert table.loc["Female", "Selection rate"].startswith("0.250 (")
    assert {METRICS[name].title for name in SHOWN} <= set(table.columns)


def test_disparity_table_has_all_with_their_groups():
    table = disparity_table(assessed(WIDE)).set_index("Comparison")
    assert list(table.index) == [item.title for item in DISPARITIES]
    row = table.loc["Demographic parity difference"]
    assert row["Value (95% interval)"].startswith("0.450 (")
    assert row["Between"] == "Female and Male"
    assert row["Significant?"].startswith("Yes: at least 0.")
    assert table.loc["ROC AUC difference", "Value (95% interval)"].startswith(
        "not defined: ROC AUC"
    )


def test_disparity_among_defined_groups_says_so():
    # Too few labels leave a group out; without a decision, precision is not defined.
    found = assessed(WIDE | {"None positive": (0, 0, 20, 30)})
    row = disparity_table(found).set_index("Comparison").loc["Equal opportunity difference"]
    assert row["Value (95% interval)"].endswith(")")
    found = assessed(WIDE | {"None selected": (0, 20, 0, 30)})
    row = disparity_table(found).set_index("Comparison").loc["Predictive parity difference"]
    assert row["Value (95% interval)"].endswith("among the groups where it is defined")
    assert "Over all groups: not defined: precision" in row["Significant?"]


@pytest.mark.parametrize(
    ("name", "figure", "words"),
    [
        ("accuracy_difference", Figure(0.2, 0.1, 0.3), "Yes: at least 0.100."),
        ("accuracy_difference", Figure(0.2, 0.0, 0.3), "No: may be chance."),
        ("equal_opportunity_ratio", Figure(0.5, 0.4, 0.6), "Yes: at most 0.600."),
        ("equal_opportunity_ratio", Figure(0.9, 0.7, 1.0), "No: may be chance."),
        ("accuracy_difference", Figure(0.2, reason="why"), "Can't be said: why."),
        ("accuracy_difference", Figure(None, reason="why"), "Can't be compared."),
    ],
)
def test_words_follow_the_interval(name, figure, words):
    assert describe_disparity(Disparity(name, figure)) == words


def test_small_groups_make_no_gap_and_are_marked_where_all_are_small():
    all_small = assessed({"Few": (5, 5, 5, 5), "Tiny": (5, 0, 5, 0)})
    assert between(all_small, all_small.disparity("demographic_parity_difference")) == (
        "Few (too small to judge) and Tiny (too small to judge)"
    )
    found = assessed(WIDE | {"Tiny": (5, 0, 5, 0)})
    parity = found.disparity("demographic_parity_difference")
    assert (between(found, parity), parity.left_out) == ("Female and Male", ("Tiny",))
    assert verdict.too_small(found) == (
        "1 of 3 groups of group is too small to judge: Tiny. Tiny: Only 10 rows, fewer than 30: "
        "too few to judge this group by, whatever its rates are."
    )
    assert verdict.too_small(assessed(WIDE)) is None


def test_largest_gap_is_the_one_surest_to_be_large():
    found = assessed(WIDE)
    gaps = [d for d in found.disparities if d.name.endswith("difference") and d.figure.low]
    gaps = [d for d in gaps if DISPARITIES[d.name].judges == "decisions"]
    best = max(gaps, key=lambda item: item.figure.low)
    text = verdict.largest_gap(found)
    assert DISPARITIES[best.name].title.lower() in text
    assert f"{best.figure.estimate:.2f} between Female and Male" in text
    assert f"from {best.figure.low:.2f} to {best.figure.high:.2f}." in text


def test_what_the_table_says_is_significant_is_so_in_the_verdict():
    # Parity differs by 0.044 (0.003 to 0.085): written with two decimals it would begin at 0.
    found = assessed({"Male": (0, 0, 597, 639), "Female": (0, 0, 475, 608)})
    (gap,) = [d for d in found.disparities if d.name == "demographic_parity_difference"]
    assert describe_disparity(gap) == f"Yes: at least {gap.figure.low:.3f}."
    assert verdict.largest_gap(found).startswith(
        "The largest statistically significant gap (95% CI) is the "
    )
    assert "0.000" not in verdict.largest_gap(found)


def test_verdict_without_a_gap_and_with_a_single_group():
    same = assessed({"A": (40, 40, 40, 40), "B": (40, 40, 40, 40)})
    assert verdict.largest_gap(same).startswith(
        "No gap between the groups is statistically significant"
    )
    alone = assessed({"A": (40, 40, 40, 40)})
    assert verdict.largest_gap(alone).startswith("No gap between the groups can be judged")


def test_rows_and_positive_decision_in_words():
    found = assessed(WIDE)
    assert verdict.rows_judged(found, TrainingSpec("logistic_regression")) == (
        "Judged on 400 test rows that the model never saw."
    )
    assert verdict.rows_judged(found, None) == ("Judged on all 400 rows of existing predictions.")
    roles = Roles("credit", "good", ("sex",))
    assert verdict.positive_decision(roles) == (
        "The positive decision is “good” (the model's prediction of column “credit”), which is "
        "the favourable outcome."
    )
    adverse = replace(roles, positive_is_favourable=False)
    assert verdict.positive_decision(adverse).endswith(
        "which is adverse; the favourable decision is “not good”."
    )
    deny = Roles("deny", "yes", ("afam",), positive_is_favourable=False)
    assert verdict.positive_decision(deny, ("no",)) == (
        "The positive decision is “deny = yes (refused)” (the model's prediction of column "
        "“deny”), which is adverse; the favourable decision is “deny = no (granted)”."
    )
