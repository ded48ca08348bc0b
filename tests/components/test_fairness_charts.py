"""The chart of a metric by group states the right finding and draws what is defined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from components.widgets.charts import cut, plain, rgba, short
from components.widgets.fairness_charts import MOST_GROUPS, finding, metric_by_group
from core.fairness.assessment.assess import assess
from core.fairness.metrics.assessment import Assessment
from core.fairness.metrics.metric_registry import METRICS


def assessed(counts: dict[str, tuple[int, int, int, int]]) -> Assessment:
    """Assess groups given as (true positives, false negatives, false positives, true negatives)."""
    target, decision, group = [], [], []
    for name, cells in counts.items():
        for many, (y, d) in zip(cells, ((1, 1), (1, 0), (0, 1), (0, 0)), strict=True):
            target += [y] * many
            decision += [d] * many
            group += [name] * many
    sensitive = pd.DataFrame({"group": np.array(group, dtype=object)})
    return assess(np.array(target, bool), np.array(decision, bool), sensitive)


WIDE = {"Female": (30, 70, 20, 80), "Male": (80, 20, 60, 40)}


def test_title_states_the_range_and_its_groups():
    # 50 of 200 and 140 of 200.
    title = finding(assessed(WIDE), "selection_rate")
    assert title == "Selection rate ranges from 0.25 (Female) to 0.70 (Male)"


def test_title_says_that_a_gap_may_be_chance():
    title = finding(
        assessed({"Female": (10, 10, 10, 10), "Male": (11, 9, 10, 10)}), "selection_rate"
    )
    assert title == (
        "Selection rate ranges from 0.50 (Female) to 0.53 (Male); a gap this size may be chance"
    )


def test_title_leaves_out_groups_too_small_and_the_chart_marks_them():
    found = assessed(WIDE | {"Other": (3, 0, 1, 0)})
    chart = metric_by_group(found, "selection_rate")
    assert chart.title == (
        "Selection rate ranges from 0.25 (Female) to 0.70 (Male) among the groups large enough to "
        "judge"
    )
    hollow = next(trace for trace in chart.figure.data if trace.name == "too small to judge")
    assert list(hollow.x) == [1.0]
    assert hollow.marker.symbol == "circle-open"
    assert "Only 4 rows" in chart.table.set_index("Group").loc["Other", "Note"]


def test_title_with_equal_rates_one_group_and_small_groups():
    same = {"A": (40, 10, 10, 40), "B": (40, 10, 10, 40)}
    assert finding(assessed(same), "accuracy") == "Accuracy is about 0.80 in all 2 groups"
    alone = {"A": (40, 10, 10, 40)}
    assert finding(assessed(alone), "accuracy") == "Accuracy is 0.80 in A, the only group"
    tiny = {"A": (2, 1, 1, 1), "B": (1, 3, 1, 1)}
    assert finding(assessed(tiny), "accuracy").endswith("but every group is too small to judge")
    mixed = {"A": (40, 10, 10, 40), "B": (1, 3, 1, 1)}
    assert finding(assessed(mixed), "accuracy").endswith("but only A is large enough to judge")


def test_undefined_groups_are_listed_and_not_drawn_as_zero():
    found = assessed(WIDE | {"None positive": (0, 0, 20, 30)})
    chart = metric_by_group(found, "true_positive_rate")
    drawn = [x for trace in chart.figure.data if trace.mode == "markers" for x in trace.x]
    assert sorted(drawn) == [0.3, 0.8]
    assert chart.notes == (
        "Not drawn: true positive rate is not defined for None positive (no positive labels in "
        "this group).",
    )
    row = chart.table.set_index("Group").loc["None positive"]
    assert row["True positive rate"] == "–"
    assert row["Note"].startswith("not defined: no positive labels in this group")


def test_metric_defined_nowhere_has_no_figure():
    chart = metric_by_group(assessed(WIDE), "roc_auc")
    assert chart.figure is None
    assert chart.title == "ROC AUC is not defined for any group"
    assert len(chart.notes) == 1


def test_names_are_escaped_for_plotly_and_full_in_the_hover_text():
    name = "<b>bold</b> & a very long name that goes on and on and on"
    chart = metric_by_group(assessed({name: (30, 70, 20, 80), "B": (80, 20, 60, 40)}), "accuracy")
    drawn = chart.figure.to_json()
    assert "<b>" not in drawn.replace("\\u003c", "<")
    notes = {note.hovertext for note in chart.figure.layout.annotations}
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; a very long name that goes on and on and on" in notes
    assert any(note.text.endswith("…") for note in chart.figure.layout.annotations)
    # The table is no markup and shows the name as it is.
    assert name in set(chart.table["Group"])


@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_is_drawn_where_the_assessment_has_it(name):
    found = assessed(WIDE)
    chart = metric_by_group(found, name)
    estimates = {g.figures[name].estimate for g in found.groups} - {None}
    drawn = [t for t in (chart.figure.data if chart.figure else ()) if t.mode == "markers"]
    assert {x for trace in drawn for x in trace.x} == estimates
    for trace in drawn:
        for x, up, down, (label, *_) in zip(
            trace.x, trace.error_x.array, trace.error_x.arrayminus, trace.customdata, strict=True
        ):
            figure = next(g for g in found.groups if g.name == label).figures[name]
            assert (x - down, x + up) == pytest.approx((figure.low, figure.high))


def test_many_groups_are_cut_in_the_picture_and_whole_in_the_table():
    many = {f"group {i:02}": (20 + i, 20, 20, 20) for i in range(MOST_GROUPS + 5)}
    chart = metric_by_group(assessed(many), "accuracy")
    drawn = [x for trace in chart.figure.data if trace.mode == "markers" for x in trace.x]
    assert len(drawn) == MOST_GROUPS
    assert len(chart.table) == MOST_GROUPS + 5 + 1
    assert f"The {MOST_GROUPS} largest of {MOST_GROUPS + 5} groups" in chart.notes[0]


def test_text_is_cut_and_escaped():
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"
    assert plain('<i>"&') == '&lt;i&gt;"&amp;'
    assert short("<" * 50, 3) == "&lt;&lt;…"
    assert rgba("#0072B2", 0.15) == "rgba(0,114,178,0.15)"
