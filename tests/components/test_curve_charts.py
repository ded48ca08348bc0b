"""ROC and calibration charts and the confusion matrix tell the figures they draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from components.fairness.curve_charts import calibration_chart, confusion_table, roc_chart
from core.data.roles.decision_labels import decision_labels
from core.data.roles.roles import Roles
from core.fairness.assessment.assess import assess
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.score_cube import count_scores, score_edges


def world(slope: float = 0.6):
    rng = np.random.default_rng(2)
    groups = pd.DataFrame({"g": np.r_[np.repeat("a", 400), np.repeat("b", 300), ["few"] * 9]})
    scores = np.round(rng.random(709), 2)
    target = rng.random(709) < 0.2 + slope * scores
    target[-9:] = True
    found = assess(target, scores >= 0.5, groups, scores=scores)
    cube = count_scores(group_rows(groups), target, scores, None, score_edges(scores))
    return target, scores, groups, found, cube


def test_the_title_of_the_roc_chart_names_the_ends_among_groups_large_enough() -> None:
    *_, found, cube = world()
    chart = roc_chart(cube, found)
    areas = {g.name: g.figures["roc_auc"].estimate for g in found.groups}
    low, high = sorted([areas["a"], areas["b"]])
    assert f"from {low:.3f}" in chart.title
    assert f"to {high:.3f}" in chart.title
    assert "Without both outcomes there is no curve: few." in chart.notes
    assert len(chart.figure.data) == 3
    assert chart.table.set_index("Group").loc["few"].tolist() == ["–"] * 5


def test_the_calibration_chart_names_the_bin_that_is_furthest_off() -> None:
    *_, found, cube = world(slope=0.0)
    chart = calibration_chart(cube, found)
    assert chart.title.startswith("Scores of 0.9 to 1 mean 0.")
    assert "few" not in chart.title
    *_, found, cube = world(slope=0.6)
    table = calibration_chart(cube, found).table
    assert table[table["Group"] == "a"]["Rows"].sum() == 400


def test_scores_that_keep_their_word_are_not_accused() -> None:
    scores = np.repeat([0.25, 0.75], 200)
    target = np.r_[np.arange(200) < 50, np.arange(200) < 150]
    groups = pd.DataFrame({"g": np.tile(["a", "b"], 200)})
    found = assess(target, scores >= 0.5, groups, scores=scores)
    cube = count_scores(group_rows(groups), target, scores, None, score_edges(scores))
    assert calibration_chart(cube, found).title.startswith("In no bin")


def test_the_confusion_matrix_is_that_of_scikit_learn() -> None:
    target, scores, groups, found, _ = world()
    called = decision_labels(Roles("deny", "yes", ("g",), positive_is_favourable=False), ("no",))
    table = confusion_table(found, called, called).set_index("Group")
    assert list(table.columns) == [
        "deny = yes, decided deny = yes",
        "deny = yes, decided deny = no",
        "deny = no, decided deny = yes",
        "deny = no, decided deny = no",
    ]
    for name in ("a", "b", "few"):
        own = (groups["g"] == name).to_numpy()
        (tn, fp), (fn, tp) = confusion_matrix(target[own], scores[own] >= 0.5, labels=[0, 1])
        counts = [int(cell.split(" ")[0]) for cell in table.loc[name]]
        assert counts == [tp, fn, fp, tn]
    assert list(table.index) == ["a", "b", "few"]
