"""A Pareto chart and its sentences, against the points they come from."""

from __future__ import annotations

import gc
import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.app.sweep_numbers import (
    explore,
    missing_table,
    ties_within,
    whole_table,
)
from components.tradeoffs.pareto_chart import Marks, looks_of, pareto_figure
from components.tradeoffs.pareto_filters import default_axes, stops
from components.tradeoffs.pareto_finding import axis_title, edge, finding
from components.tradeoffs.pareto_setting import first_choice, remark
from components.tradeoffs.pareto_texts import LETTER, SIDES, box_of, sides
from components.widgets.charts import GREY
from core.tradeoff.frontier.axes import EPSILON, axis_named
from core.tradeoff.frontier.chosen import sentence_of
from core.tradeoff.frontier.differences import SplitTable
from core.tradeoff.frontier.pareto_analysis import ParetoAnalysis, filtered, pareto_analysis
from core.tradeoff.frontier.ties import tied_with_best
from core.tradeoff.sweep.grid import LeftOut, RunSpec, Setting
from core.tradeoff.sweep.point import Estimate, SweepPoint
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
    scene = found.analysis
    figure = pareto_figure(scene, filtered(scene), Marks(found.judged.status), LABEL)
    marks = drawn(figure)
    assert sorted(marks) == list(range(len(TOLD)))
    for row, (trace, n) in marks.items():
        own = [p for p in planted_points() if p.run.setting == scene.settings[row]]
        by_split = {s: [p.value("roc_auc") for p in own if p.run.split_seed == s] for s in range(3)}
        assert trace.y[n] == pytest.approx(np.mean([np.mean(v) for v in by_split.values()]))
        assert trace.x[n] == pytest.approx(scene.unfairness[row].mean)
        assert trace.customdata[n][6] == found.labels[row]
    assert "nothing is promised" in figure.layout.annotations[0].text.replace("<br>", " ")


def test_epsilon_is_told_by_colour_symbol_and_text_and_no_privacy_apart(found):
    looks = looks_of(found.analysis)
    assert list(looks) == [0.5, 2.0, 8.0, math.inf]
    assert looks[math.inf] == (GREY, "star")
    assert len({colour for colour, _ in looks.values()}) == 4
    assert len({symbol for _, symbol in looks.values()}) == 4
    scene = found.analysis
    pins = [scene.row(PRIVATE[1])]
    figure = pareto_figure(scene, filtered(scene), Marks(found.judged.status, pins=pins), LABEL)
    texts = {row: trace.text[n] for row, (trace, n) in drawn(figure).items()}
    assert texts[scene.row(PRIVATE[1])] == "<b>A</b> ε 2"
    assert texts[scene.row(PLAIN)] == "∞"
    many = explore(
        planted_points({Setting("dp_naive_bayes", 0.1 * n): (0.5, 0.1) for n in range(1, 20)}),
        *AXES,
    )
    assert len(set(looks_of(many.analysis).values())) == 19


def test_texts_cover_no_other_where_the_front_is_crowded():
    # A front of 40 settings at one ε, nearly at one place, and some further away.
    rng = np.random.default_rng(0)
    gaps = np.sort(np.concatenate([0.2 + 0.004 * rng.random(30), 0.1 + 0.3 * rng.random(10)]))
    fields = {
        Setting("dp_naive_bayes", 0.5, k=n + 1): (0.6 + 0.5 * gap, gap)
        for n, gap in enumerate(gaps.tolist())
    }
    found = explore(planted_points(fields), *AXES)
    scene, limits = found.analysis, filtered(found.analysis)
    assert limits.front.sum() == 40
    figure = pareto_figure(scene, limits, Marks(found.judged.status, selected=20), LABEL)
    boxes = label_boxes(figure)
    assert 20 in boxes
    assert 8 <= len(boxes) < 30
    for (_, one), (_, other) in combinations(boxes.items(), 2):
        assert not overlap(one, other)
    # What has no text has its ε in the hover and in the table.
    assert {trace.customdata[n][2] for trace, n in drawn(figure).values()} == {"0.5"}
    assert len(found.table) == 40


def label_boxes(figure):
    """What each text covers on a phone, by row."""
    (x, far), (y, top) = figure.layout.xaxis.range, figure.layout.yaxis.range
    return {
        row: box_of(
            (trace.x[n] - x) / (far - x),
            (trace.y[n] - y) / (top - y),
            LETTER * len(trace.text[n].replace("<b>", "").replace("</b>", "")),
            SIDES[trace.textposition[n]],
        )
        for row, (trace, n) in drawn(figure).items()
        if trace.text and trace.text[n]
    }


def overlap(one, other):
    return min(one.right, other.right) > max(one.left, other.left) and min(
        one.high, other.high
    ) > max(one.low, other.low)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1), st.floats(0, 1), st.sampled_from(["∞", "ε 0.5", "<b>A</b> ε 2"])
        ),
        max_size=25,
    ),
    st.floats(1, 5),
)
def test_texts_cover_no_other_on_any_screen(marks, scale):
    found = sides([(x, y) for x, y, _ in marks], [text for _, _, text in marks])
    boxes = [
        box_of(x, y, LETTER * len(text.replace("<b>A</b>", "A")), SIDES[side], scale)
        for (x, y, text), side in zip(marks, found, strict=True)
        if side is not None
    ]
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))
    assert bool(boxes) == bool(marks)


def test_texts_far_apart_are_all_written_above_and_below_in_turn():
    at = [(x, 0.5) for x in (0.1, 0.3, 0.5, 0.7)]
    assert sides(at, ["ε 1"] * 4) == ["top right", "bottom right"] * 2


def test_a_filter_over_thousands_of_settings_does_not_set_off_the_garbage_collector():
    rng = np.random.default_rng(0)
    fairness = rng.random(10_000)
    epsilon = rng.choice([0.5, 1.0, 2.0], 10_000)
    losses = np.column_stack([-np.sqrt(fairness), fairness, epsilon])
    table = SplitTable(*[np.empty(0)] * 4)
    scene = ParetoAnalysis((), (*AXES, EPSILON), (), (), (table, table), epsilon, losses)
    filtered(scene)
    walks = []
    gc.collect()
    gc.callbacks.append(lambda phase, _: walks.append(phase))
    try:
        for least in (0.0, 0.2, 0.4):
            assert filtered(scene, performance=least, unfairness=1.0, epsilon=2.0).left > 5_000
    finally:
        gc.callbacks.pop()
    assert walks == []


def test_bars_reach_one_deviation_and_are_cut_at_the_bounds():
    wild = planted_points({PRIVATE[0]: (0.999, 0.001)})
    scene = pareto_analysis(wild, *AXES)
    figure = pareto_figure(scene, filtered(scene), Marks(["front"]), LABEL)
    bars = [t for t in figure.data if t.error_y.array is not None]
    assert len(bars) == 2
    outer, inner = bars
    spread = scene.performance[0]
    assert inner.error_y.arrayminus[0] == pytest.approx(spread.sd_noise)
    assert outer.error_y.arrayminus[0] == pytest.approx(spread.sd_outer)
    assert outer.y[0] + outer.error_y.array[0] <= 1
    assert outer.x[0] - outer.error_x.arrayminus[0] >= 0
    none = pareto_figure(scene, filtered(scene), Marks(["front"], bands="none"), LABEL)
    assert not [t for t in none.data if t.error_y.array is not None]


def test_line_joins_the_best_pairs_within_the_limits(found):
    scene = found.analysis
    rows = [scene.row(FAIR), scene.row(PLAIN)]
    assert edge(scene, filtered(scene)).tolist() == rows
    private = filtered(scene, epsilon=8.0)
    assert edge(scene, private).tolist() == [scene.row(PRIVATE[2])]
    figure = pareto_figure(scene, private, Marks(found.judged.status), LABEL)
    outside = next(t for t in figure.data if t.name == "outside the limits")
    assert sorted(data[0] for data in outside.customdata) == sorted(rows)


def test_title_states_the_best_and_what_the_fairest_gives_up(found):
    scene = found.analysis
    title = finding(scene, filtered(scene), 1)
    assert title.startswith("ROC AUC of 0.900 is the best of 5 settings")
    assert "(logistic regression without privacy), at equalized odds difference by sex" in title
    assert "the fairest has 0.100 at ROC AUC of 0.850" in title
    assert title.endswith("1 other does not differ significantly from the best")
    assert "within the limits" in finding(scene, filtered(scene, performance=0.99))


def test_ties_are_those_of_the_settings_within_the_limits(found):
    scene = found.analysis
    limits = filtered(scene, epsilon=8.0)
    kept = [p for p in planted_points() if p.run.setting.epsilon is not None]
    alone = pareto_analysis(kept, *AXES)
    assert ties_within(scene, limits.kept) == tied_with_best(alone.tables[0], -1.0)
    table = whole_table(found, limits, ties_within(scene, limits.kept))
    record = dict(zip(table["Setting"], table.iloc[:, 3], strict=True))
    assert record[found.labels[scene.row(PLAIN)]] == "outside the limits"
    assert record[found.labels[scene.row(PRIVATE[2])]] == "the best"
    assert record[found.labels[scene.row(PRIVATE[0])]] == "no"


def test_undefined_settings_are_not_drawn_and_stand_in_the_table():
    result = TOLD | {PRIVATE[0]: (0.6, None)}
    found = explore(planted_points(result), *AXES)
    scene = found.analysis
    limits = filtered(scene)
    figure = pareto_figure(scene, limits, Marks(found.judged.status), LABEL)
    row = scene.row(PRIVATE[0])
    assert row not in drawn(figure)
    table = whole_table(found, limits, ties_within(scene, limits.kept))
    assert "not defined: one class only" in table.iloc[row].tolist()
    lost = explore(planted_points({PLAIN: (None, None)}), *AXES).analysis
    assert pareto_figure(lost, filtered(lost), Marks(["undefined"]), LABEL) is None


def test_what_is_missing_is_counted_by_reason():
    failed = SweepPoint(RunSpec(PRIVATE[1], 0, 0), reason="the budget is spent")
    points = [*planted_points({PRIVATE[0]: (0.6, None)}), failed]
    state = SweepState(tuple(points), 9, (LeftOut(PRIVATE[2], "not allowed"),))
    table = missing_table(state, AXES)
    fields = {
        row["Reason"]: (row["What is missing"], row["How often"]) for _, row in table.iterrows()
    }
    assert fields == {
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
    scene = found.analysis
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
    assert found.equivalent == {}
    assert found.equivalent_note == ""
    points = []
    for point in planted_points():
        rate = Estimate(0.995 if point.run.setting == FAIR else 0.5)
        points.append(replace(point, figures={**point.figures, "selection_rate": rate}))
    marked = explore(points, *AXES)
    assert marked.equivalent == {FAIR: pytest.approx(0.995)}
    assert marked.equivalent_note.startswith(
        f"1 of {len(TOLD)} settings gives more than 99% of people"
    )
    limits = filtered(marked.analysis)
    for row, setting in enumerate(marked.analysis.settings):
        assert ("decides alike" in remark(marked, limits, row)) == (setting == FAIR)


def test_where_all_decide_alike_none_is_the_fairest(found):
    def sweep_results(rates):
        points = [
            replace(
                point,
                figures={
                    **point.figures,
                    "selection_rate": Estimate(rates.get(point.run.setting, 0.999)),
                },
            )
            for point in planted_points()
        ]
        return explore(points, *AXES)

    every = sweep_results({})
    limits = filtered(every.analysis)
    assert finding(every.analysis, limits, apart=every.equivalent) == (
        f"All {len(TOLD)} settings give more than 99% of people the same decision, so their gaps "
        "say nothing about fairness, and none is the fairest"
    )
    assert not len(edge(every.analysis, limits, every.equivalent))
    for setting in every.analysis.settings:
        assert "the fairest" not in sentence_of(every.analysis, setting, every.equivalent)
    some = sweep_results(dict.fromkeys((PLAIN, *PRIVATE), 0.5))
    limits = filtered(some.analysis)
    assert FAIR in some.equivalent
    on = edge(some.analysis, limits, some.equivalent)
    assert FAIR not in [some.analysis.settings[row] for row in on]
    assert "reweighing" not in finding(some.analysis, limits, apart=some.equivalent)
    assert "reweighing" in finding(some.analysis, limits)
