"""The panels of a sweep state the right finding and draw means, spread and baselines."""

from __future__ import annotations

import pytest

from components.sweep_form import epsilon_of
from components.tradeoff_charts import finding, leading, measure_by_epsilon, missing
from core.errors import InputError
from core.tradeoff.sweep import Point

DPLR, DPEBM = "dp_logistic_regression", "dp_explainable_boosting"
GAP = "equalized_odds_difference"


def point(learner, epsilon, seed, auc, gap, reason=None):
    return Point(learner, "none", epsilon, seed, auc, 0.8, gap, 0.1, reason)


POINTS = [
    point("logistic_regression", None, 0, 0.80, 0.04),
    point("logistic_regression", None, 1, 0.82, 0.06),
    point("gradient_boosting", None, 0, 0.90, 0.05),
    point("gradient_boosting", None, 1, 0.90, 0.05),
    point(DPLR, 1.0, 0, 0.79, 0.20),
    point(DPLR, 1.0, 1, 0.81, 0.30),
    point(DPEBM, 1.0, 0, 0.85, 0.05),
    point(DPEBM, 1.0, 1, 0.86, 0.15),
    point(DPLR, 4.0, 0, 0.81, 0.10),
]


def test_title_speaks_of_the_best_private_learner_at_epsilon_nearest_to_one():
    assert leading(POINTS).private.learner == DPEBM
    assert finding(POINTS, "roc_auc") == (
        "At ε = 1, private explainable boosting machine keeps 95 % of the AUROC of gradient "
        "boosting"
    )
    assert finding(POINTS, GAP) == (
        "At ε = 1, private explainable boosting machine has an equalized-odds gap of 0.10, and "
        "gradient boosting without privacy 0.05; the seeds overlap, so privacy may not be why"
    )


def test_title_does_not_claim_an_overlap_that_is_not_there():
    points = [p for p in POINTS if p.learner in (DPLR, "logistic_regression")]
    assert finding(points, GAP) == (
        "At ε = 1, private logistic regression has an equalized-odds gap of 0.25, and logistic "
        "regression without privacy 0.05"
    )


@pytest.mark.parametrize(
    ("auc", "kept"), [(0.8999, "99.9 %"), (0.899, "99.9 %"), (0.9, "100 %"), (0.918, "102 %")]
)
def test_title_never_rounds_a_loss_away(auc, kept):
    points = [point("gradient_boosting", None, 0, 0.9, 0.1), point(DPEBM, 1.0, 0, auc, 0.1)]
    assert f"keeps {kept} of" in finding(points, "roc_auc")


def test_title_of_a_sweep_without_pairs_or_figures():
    assert finding(POINTS[:4], "roc_auc") == (
        "AUROC lies between 0.80 and 0.90 in the models that have one"
    )
    assert finding(POINTS[2:4], GAP) == (
        "Equalized-odds gap is about 0.05 in the models that have one"
    )
    undefined = [point(DPLR, 1.0, 0, None, None, "why")]
    chart = measure_by_epsilon(undefined, "roc_auc", (1.0,))
    assert chart.title == "AUROC is not defined for any of these models"
    assert chart.figure is None
    assert len(chart.table) == 0


def test_gap_undefined_at_the_title_s_epsilon_says_so():
    points = [*POINTS[2:4], point(DPEBM, 1.0, 0, 0.85, None, "no positives")]
    assert finding(points, GAP).endswith("can't be compared with gradient boosting at ε = 1")


def test_means_and_spread_are_drawn_and_tabled():
    chart = measure_by_epsilon(POINTS, GAP, (1.0, 4.0))
    traces = {trace.name: trace for trace in chart.figure.data if trace.name}
    own = traces["Private logistic regression"]
    assert list(own.y) == pytest.approx([0.25, 0.10])
    assert list(own.error_y.array) == pytest.approx([0.05, 0.0])
    assert list(own.error_y.arrayminus) == pytest.approx([0.05, 0.0])
    plain = traces["Logistic regression, no privacy"]
    assert list(plain.y) == pytest.approx([0.05] * 3)
    assert plain.line.dash != "solid"
    # A learner and its baseline share a colour, and no two learners do.
    assert plain.line.color == own.line.color
    assert own.line.color != traces["Private explainable boosting machine"].line.color
    assert own.marker.symbol != traces["Private explainable boosting machine"].marker.symbol
    rows = chart.table.set_index(["Learner", "ε"])
    assert list(rows.loc[("Private logistic regression", "1")]) == [2, "0.2500", "0.2000", "0.3000"]
    assert ("Gradient boosting", "no privacy") in rows.index


def test_axis_is_logarithmic_and_has_every_epsilon_of_the_sweep():
    axis = measure_by_epsilon(POINTS[:2], "roc_auc", (4.0, 0.5)).figure.layout.xaxis
    assert axis.type == "log"
    assert list(axis.tickvals) == [0.5, 4.0]
    assert list(axis.ticktext) == ["0.5", "4"]


def test_undefined_points_are_listed_with_their_reason_and_not_drawn():
    untrained = Point(DPLR, "none", 0.1, 2, reason="no bounds")
    undefined = point(DPEBM, 0.1, 0, 0.7, None, "no positives in group B")
    points = [*POINTS, untrained, undefined]
    table = missing(points)
    assert list(table["Reason"]) == ["no bounds", "no positives in group B"]
    assert list(table["What is missing"]) == ["the model", "the gap"]
    assert list(table["ε"]) == ["0.1", "0.1"]
    drawn = measure_by_epsilon(points, GAP, (0.1, 1.0, 4.0)).figure
    assert all(min(trace.y) > 0 for trace in drawn.data)
    assert len(missing(POINTS)) == 0


def test_typed_epsilons():
    assert epsilon_of("0.25") == 0.25
    for wrong in ("0,5", "much", "", "0", "-1", "inf", "nan"):
        with pytest.raises(InputError):
            epsilon_of(wrong)
