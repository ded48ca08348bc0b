"""Charts of compared models: their findings, their numbers, and names of models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from components.app.model_names import model_names
from components.compare.comparison_charts import folds_chart
from components.compare.path_chart import path_chart
from components.widgets.difference_charts import differences_chart, pairs_chart
from core.comparison.cross_validation.cross_validated import CrossValidated, FoldResult
from core.comparison.cross_validation.folds import FoldSpec
from core.comparison.monitoring.sequential import watch_paired
from core.comparison.monitoring.sequential_gap import watch_gap
from core.comparison.paired.paired_result import PairedDifference
from core.comparison.paired.pairs import compare_pairs
from core.fairness.metrics.assessment import Figure
from core.training.model_name import model_name
from core.training.spec import TrainingSpec

LOGISTIC = TrainingSpec("logistic_regression")
TITLES = {"A": "Logistic regression", "B": "Naive Bayes", "C": "<b>Trees</b>"}


def crossed(name, *values):
    results = tuple(
        FoldResult(
            0, fold, 10, 40, {"accuracy": Figure(value, reason=None if value else "no rows")}
        )
        for fold, value in enumerate(values)
    )
    return CrossValidated(name, LOGISTIC, FoldSpec(5, 1), ("sex",), "", results)


def test_folds_are_drawn_with_their_means():
    found = [crossed("A", 0.5, 0.7, None), crossed("B", 0.9, 0.9, 0.6), crossed("C")]
    chart = folds_chart(found, "accuracy", TITLES)
    assert "lowest for A: Logistic regression (0.600)" in chart.title
    assert "highest for B: Naive Bayes (0.800)" in chart.title
    assert chart.notes == ("A: not defined in 1 fold, because no rows",)
    assert list(chart.table["Mean"]) == ["0.6000", "0.8000", "not defined"]
    assert chart.table["Standard deviation"][0] == f"{np.std([0.5, 0.7], ddof=1):.4f}"
    assert list(chart.table["Folds done"]) == ["3 of 5", "3 of 5", "0 of 5"]
    drawn = [list(trace.x) for trace in chart.figure.data]
    assert drawn[:2] == [[0.5, 0.7], [0.6, 0.6]]


def test_a_single_fold_is_drawn_around_its_value():
    chart = folds_chart([crossed("A", 0.8)], "accuracy", TITLES)
    assert chart.title.endswith("of 0.800 in the one fold that is done")
    assert chart.figure.layout.xaxis.range == pytest.approx((0.75, 0.85))


def test_pairs_are_told_in_points():
    found = [crossed("A", *[0.5, 0.6, 0.55, 0.5, 0.6]), crossed("B", *[0.9, 0.99, 0.96, 0.9, 0.99])]
    chart = pairs_chart(compare_pairs(found, "accuracy"))
    assert chart.title == "The two models differ in accuracy"
    assert chart.table["Difference"][0] == "39.8 points"
    assert chart.figure.data[1].x[0] == pytest.approx(39.8)


def test_differences_on_the_same_people():
    sure = PairedDifference("accuracy", 0.7, 0.8, Figure(0.1, 0.02, 0.18))
    unsure = PairedDifference("precision", 0.7, 0.8, Figure(0.1, -0.02, 0.18))
    none = PairedDifference("selection_rate", None, 0.8, Figure(None, reason="nobody"))
    chart = differences_chart([sure, unsure, none], ["Right", "Precise", "Selected"])
    assert chart.title == "1 of 2 intervals leave out 0: Right"
    assert chart.notes == ("Selected: nobody",)
    assert list(chart.table["95% interval"]) == ["2.0 to 18.0", "−2.0 to 18.0", "nobody"]
    low, high = chart.figure.layout.xaxis.range
    assert low < -2
    assert high > 18
    assert "None of these" in differences_chart([none], ["Selected"]).title


def test_a_path_marks_its_decision():
    right, wrong = np.ones(60, dtype=bool), np.zeros(60, dtype=bool)
    chart = path_chart(watch_paired(right, wrong, right))
    assert chart.title.startswith("Decided after 8 people")
    assert [trace.name for trace in chart.figure.data][-1] == "decided"
    assert chart.table["High"].iloc[-1] == "+100.00"
    assert float(chart.table["e-value"].iloc[7]) == pytest.approx(2**8 / 9, abs=0.1)
    same = path_chart(watch_paired(right, right, right))
    assert same.title.startswith("Not decided after 60 people")
    nobody = path_chart(watch_paired([None] * 60, right, wrong))
    assert nobody.figure is None
    assert nobody.title.startswith("Not decided after 0 people")


def test_names_of_models_differ():
    private = TrainingSpec("dp_logistic_regression", epsilon=0.5, noise="seeded")
    assert model_name(private) == "Private logistic regression at ε = 0.5 (simulation)"
    weighed = replace(LOGISTIC, mitigation="reweighing", strength=0.5, mitigate_for="sex")
    assert model_name(weighed) == "Logistic regression, reweighing at strength 0.5 for sex"
    specs = [LOGISTIC, replace(LOGISTIC, seed=2), replace(LOGISTIC, stratified=False), weighed]
    names = model_names(specs)
    assert len(set(names)) == 4
    assert names[1] == "Logistic regression, seed 2"
    assert names[2] == "Logistic regression, seed 0, randomised split (by hash)"


def test_a_path_of_a_gap_draws_its_limit():
    groups = ["f", "m"] * 150
    chart = path_chart(watch_gap([None] * 300, np.arange(300) % 2 == 1, groups, ("f", "m"),
                                 figure="selection_rate", limit=0.1))  # fmt: skip
    assert "the gap in selection rate is above 10.0 points" in chart.title
    assert sorted(s.y0 for s in chart.figure.layout.shapes if s.y0 == s.y1) == [-10, 10]
    none = path_chart(watch_gap([None] * 300, np.arange(300) % 4 > 1, groups, ("f", "m"),
                                figure="selection_rate", limit=0.3))  # fmt: skip
    assert "is not above 30.0 points" in none.title
    assert [trace.name for trace in none.figure.data][-1] == "decided"


def test_a_rate_of_adverse_decisions_is_named_so():
    def rates(name, *values):
        found = crossed(name, *values)
        named = [
            replace(r, figures={"selection_rate": r.figures["accuracy"]}) for r in found.results
        ]
        return replace(found, results=tuple(named))

    found = [rates("A", 0.5, 0.6, 0.55, 0.5, 0.6), rates("B", 0.9, 0.99, 0.96, 0.9, 0.99)]
    adverse = "rate of the adverse decision"
    assert f"Mean {adverse}" in folds_chart(found, "selection_rate", TITLES, False).title
    assert "Mean selection rate" in folds_chart(found, "selection_rate", TITLES).title
    pairs = compare_pairs(found, "selection_rate", positive_is_favourable=False)
    assert pairs_chart(pairs).title == f"The two models differ in {adverse}"
    assert adverse in pairs[0].comparison.sentence()
