"""The picture of a landscape and its sentences, against the points they come from."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.charts import GREY
from components.landscape_chart import Marks, landscape_figure, looks_of
from components.landscape_filters import default_axes, first_choice, remark, stops
from components.landscape_finding import axis_title, edge, finding
from components.landscape_numbers import (
    explore,
    missing_table,
    ties_within,
    whole_table,
)
from core.tradeoff.frontier.axes import axis_named
from core.tradeoff.frontier.explore import filtered, landscape
from core.tradeoff.frontier.ties import tied_with_best
from core.tradeoff.sweep.grid import LeftOut, RunSpec, Setting
from core.tradeoff.sweep.point import Estimate, Point
from core.tradeoff.sweep.sweep import SweepState
from tests.components.planted_sweep import FAIR, GAP, PLAIN, PRIVATE, TOLD, planted_points

BY_SEX = (("sex",),)
AXES = axis_named("roc_auc", BY_SEX), axis_named(GAP, BY_SEX)
LABEL = "A simulation on public rows: nothing was charged, so nothing is promised at all."


@pytest.fixture(scope="module")
def found():
    return explore(planted_points(), *AXES)


def drawn(figure):
    """Rows that are drawn as marks that can be clicked, and their traces."""
    return {int(data[0]): (t, n) for t in figure.data if t.customdata is not None
            for n, data in enumerate(t.customdata)}  # fmt: skip


def test_every_setting_is_one_mark_at_its_means(found):
    scene = found.landscape
    figure = landscape_figure(scene, filtered(scene), Marks(found.judged.status), LABEL)
    marks = drawn(figure)
    assert sorted(marks) == list(range(len(TOLD)))
    for row, (trace, n) in marks.items():
        own = [p for p in planted_points() if p.run.setting == scene.settings[row]]
        by_split = {s: [p.value("roc_auc") for p in own if p.run.split_seed == s] for s in range(3)}
        assert trace.y[n] == pytest.approx(np.mean([np.mean(v) for v in by_split.values()]))
        assert trace.x[n] == pytest.approx(scene.unfairness[row].mean)
        assert trace.customdata[n][6] == found.words[row]
    assert "nothing is promised" in figure.layout.annotations[0].text.replace("<br>", " ")


def test_epsilon_is_told_by_colour_symbol_and_text_and_no_privacy_apart(found):
    looks = looks_of(found.landscape)
    assert list(looks) == [0.5, 2.0, 8.0, math.inf]
    assert looks[math.inf] == (GREY, "star")
    assert len({colour for colour, _ in looks.values()}) == 4
    assert len({symbol for _, symbol in looks.values()}) == 4
    scene = found.landscape
    pins = [scene.row(PRIVATE[1])]
    figure = landscape_figure(scene, filtered(scene), Marks(found.judged.status, pins=pins), LABEL)
    texts = {row: trace.text[n] for row, (trace, n) in drawn(figure).items()}
    assert texts[scene.row(PRIVATE[1])] == "<b>A</b> ε 2"
    assert texts[scene.row(PLAIN)] == "∞"
    many = explore(
        planted_points({Setting("dp_naive_bayes", 0.1 * n): (0.5, 0.1) for n in range(1, 20)}),
        *AXES,
    )
    assert len(set(looks_of(many.landscape).values())) == 19


def test_bars_reach_one_deviation_and_are_cut_at_the_bounds():
    wild = planted_points({PRIVATE[0]: (0.999, 0.001)})
    scene = landscape(wild, *AXES)
    figure = landscape_figure(scene, filtered(scene), Marks(["front"]), LABEL)
    bars = [t for t in figure.data if t.error_y.array is not None]
    assert len(bars) == 2
    outer, inner = bars
    spread = scene.performance[0]
    assert inner.error_y.arrayminus[0] == pytest.approx(spread.sd_noise)
    assert outer.error_y.arrayminus[0] == pytest.approx(spread.sd_outer)
    assert outer.y[0] + outer.error_y.array[0] <= 1
    assert outer.x[0] - outer.error_x.arrayminus[0] >= 0
    none = landscape_figure(scene, filtered(scene), Marks(["front"], bands="none"), LABEL)
    assert not [t for t in none.data if t.error_y.array is not None]


def test_line_joins_the_best_pairs_within_the_limits(found):
    scene = found.landscape
    rows = [scene.row(FAIR), scene.row(PLAIN)]
    assert edge(scene, filtered(scene)).tolist() == rows
    private = filtered(scene, epsilon=8.0)
    assert edge(scene, private).tolist() == [scene.row(PRIVATE[2])]
    figure = landscape_figure(scene, private, Marks(found.judged.status), LABEL)
    outside = next(t for t in figure.data if t.name == "outside the limits")
    assert sorted(data[0] for data in outside.customdata) == sorted(rows)


def test_title_states_the_best_and_what_the_fairest_gives_up(found):
    scene = found.landscape
    title = finding(scene, filtered(scene), 1)
    assert title.startswith("Area under the ROC curve of 0.900 is the best of 5 settings")
    assert "(logistic regression without privacy), at equalized odds difference by sex" in title
    assert "the fairest has 0.100 at area under the ROC curve of 0.850" in title
    assert title.endswith("1 other can't be told from the best")
    assert "within the limits" in finding(scene, filtered(scene, performance=0.99))


def test_ties_are_those_of_the_settings_within_the_limits(found):
    scene = found.landscape
    limits = filtered(scene, epsilon=8.0)
    kept = [p for p in planted_points() if p.run.setting.epsilon is not None]
    alone = landscape(kept, *AXES)
    assert ties_within(scene, limits.kept) == tied_with_best(alone.tables[0], -1.0)
    table = whole_table(found, limits, ties_within(scene, limits.kept))
    told = dict(zip(table["Setting"], table.iloc[:, 3], strict=True))
    assert told[found.words[scene.row(PLAIN)]] == "outside the limits"
    assert told[found.words[scene.row(PRIVATE[2])]] == "the best"
    assert told[found.words[scene.row(PRIVATE[0])]] == "no"


def test_undefined_settings_are_not_drawn_and_stand_in_the_table():
    told = TOLD | {PRIVATE[0]: (0.6, None)}
    found = explore(planted_points(told), *AXES)
    scene = found.landscape
    limits = filtered(scene)
    figure = landscape_figure(scene, limits, Marks(found.judged.status), LABEL)
    row = scene.row(PRIVATE[0])
    assert row not in drawn(figure)
    table = whole_table(found, limits, ties_within(scene, limits.kept))
    assert "not defined: one class only" in table.iloc[row].tolist()
    lost = explore(planted_points({PLAIN: (None, None)}), *AXES).landscape
    assert landscape_figure(lost, filtered(lost), Marks(["undefined"]), LABEL) is None


def test_what_is_missing_is_counted_by_reason():
    failed = Point(RunSpec(PRIVATE[1], 0, 0), reason="the budget is spent")
    points = [*planted_points({PRIVATE[0]: (0.6, None)}), failed]
    state = SweepState(tuple(points), 9, (LeftOut(PRIVATE[2], "not allowed"),))
    table = missing_table(state, AXES)
    told = {
        row["Reason"]: (row["What is missing"], row["How often"]) for _, row in table.iterrows()
    }
    assert told == {
        "one class only": (AXES[1].title, 6),
        "the budget is spent": ("the model", 1),
        "not allowed": ("left out before training", 1),
    }


def test_axes_begin_with_auroc_or_accuracy_without_scores():
    assert [axis.name for axis in default_axes(BY_SEX, planted_points())] == ["roc_auc", GAP]
    lacking = planted_points({PLAIN: (None, 0.1)})
    assert default_axes(BY_SEX, lacking)[0].name == "accuracy"
    assert axis_title(AXES[0]).endswith("(0 to 1; higher is better)")
    assert axis_title(AXES[1]).endswith("(0 = parity; lower is fairer)")
    ratio = axis_named("demographic_parity_ratio by sex", BY_SEX)
    assert "1 = parity; " in axis_title(ratio)


def test_begins_with_the_best_private_setting_on_the_front(found):
    scene = found.landscape
    assert scene.settings[first_choice(found, filtered(scene))] == PRIVATE[2]
    assert first_choice(found, filtered(scene, epsilon=0.1)) == 0


@given(st.floats(-100, 100, allow_nan=False), st.floats(2e-4, 100, allow_nan=False))
def test_slider_stops_hold_the_range(low, width):
    high = low + width
    first, last, step = stops(low, high)
    assert first <= low + 1e-6 * step
    assert last >= high - 1e-6 * step
    assert 20 <= (last - first) / step <= 400


def test_settings_that_decide_alike_are_counted_and_marked_where_one_is_picked(found):
    assert found.alike == {}
    assert found.alike_note == ""
    points = []
    for point in planted_points():
        rate = Estimate(0.985 if point.run.setting == FAIR else 0.5)
        points.append(replace(point, figures={**point.figures, "selection_rate": rate}))
    marked = explore(points, *AXES)
    assert marked.alike == {FAIR: pytest.approx(0.985)}
    assert marked.alike_note.startswith(f"1 of {len(TOLD)} settings gives 98 % of people or more")
    limits = filtered(marked.landscape)
    for row, setting in enumerate(marked.landscape.settings):
        assert ("decides alike" in remark(marked, limits, row)) == (setting == FAIR)
