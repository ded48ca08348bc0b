import itertools
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.reporting.explanation_charts import local
from core.reporting.fairness_charts import rates
from core.reporting.svg_charts import bars, dots
from core.reporting.svg_marks import ChartAxis, ChartPoint, Row, fit, ticks
from core.reporting.wording import format_privacy, interval, moment, number, plain, size, term
from tests.core.reporting.audits import assessment, group
from tests.core.reporting.page import SHAPES, Page

unit = st.floats(0, 1)
finite = st.floats(-1e9, 1e9)


def coordinates(svg):
    for element in svg.walk():
        if element.tag in SHAPES or element.tag == "text":
            for name in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"):
                if name in element.attributes:
                    yield float(element.attributes[name])
            for pair in (element.attributes.get("points") or "").split():
                yield from map(float, pair.split(","))


@given(st.lists(st.tuples(st.text(), unit, unit, unit, st.booleans()), min_size=1, max_size=6))
def test_dots_stand_where_their_values_are(given_rows):
    rows = [
        Row(label, "v", (ChartPoint(sorted(ends)[1], sorted(ends)[0], sorted(ends)[2]),), faint)
        for label, *ends, faint in given_rows
    ]
    svg = Page(str(dots("n", "t", "d", rows, ChartAxis("rate", 0.0, 1.0), ["a"]))).all("svg")[0]
    expected = [10 + 340 * row.points[0].value for row in rows]
    circles = svg.all("circle")[-len(rows) :]  # without the legend's hollow one
    assert [float(e.attributes["cx"]) for e in circles] == pytest.approx(expected, abs=0.01)
    whiskers = [e for e in svg.all("line") if "whisker" in e.attributes["class"]]
    ends = [(float(e.attributes["x1"]), float(e.attributes["x2"])) for e in whiskers]
    for (low, high), row in zip(ends, rows, strict=True):
        assert low == pytest.approx(10 + 340 * row.points[0].low, abs=0.01)
        assert high == pytest.approx(10 + 340 * row.points[0].high, abs=0.01)


@example([5e-324])
@given(st.lists(finite, min_size=1, max_size=20))
def test_bars_are_as_long_as_their_values(values):
    found = [{"feature": f"f{i}", "contribution": v} for i, v in enumerate(values)]
    chart = local(found, "contribution", "x", "n")
    svg = Page(str(chart.svg)).all("svg")[0]
    width = [float(e.attributes["width"]) for e in svg.all("rect")]
    ordered = sorted(values, key=lambda v: -abs(v))
    shown = [*ordered[:15], *([sum(ordered[15:])] if len(values) > 15 else [])]
    low, high = min(0, *shown), max(0, *shown)
    span = (high - low) or 1.0
    assert width == pytest.approx([max(abs(v) / span * 340, 0.5) for v in shown], abs=0.02)
    assert all(0 <= c <= 2000 and math.isfinite(c) for c in coordinates(svg))
    assert len(chart.rows) == len(values)


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_few_even_and_inside(low, span):
    high = low + span
    if not high > low:
        return
    found = ticks(low, high)
    slack = 1e-6 * (span + abs(low))
    assert len(found) <= 7
    assert all(low - slack <= t <= high + slack for t in found)
    steps = [b - a for a, b in itertools.pairwise(found)]
    assert all(s == pytest.approx(steps[0], rel=1e-3, abs=slack) for s in steps)


def test_ticks_of_a_rate():
    assert ticks(0, 1) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])


@given(st.text(), st.floats(12, 400))
def test_fit_keeps_what_fits(text, width):
    out = fit(text, width)
    assert out == " ".join(text.split()) or out.endswith("…")
    assert len(out) <= width / 6


def test_all_text_of_a_chart_is_escaped():
    nasty = '<b onload="x">&'
    for svg in (
        dots(nasty, nasty, nasty, [Row(nasty, nasty, (None,))], ChartAxis(nasty, 0, 1), [nasty]),
        bars(nasty, nasty, nasty, [Row(nasty, nasty, (ChartPoint(1.0),))], ChartAxis(nasty, 0, 1)),
    ):
        page = Page(str(svg))
        assert not page.all("b")
        assert nasty in page.root.text


def test_titles_for_one_group_equal_rates_many_groups_and_none():
    def title(groups):
        chart = rates(assessment(["g"], groups), ["selection_rate"], "n")
        return chart and chart.title

    def of(count, rate, **extra):
        return [group({"g": f"g{i}"}, 50, [rate] + [0.5] * 6, **extra) for i in range(count)]

    assert title(of(1, 0.4)) == "Selection rate is 0.40 in the only group"
    assert title(of(3, 0.4)) == "Selection rate is 0.40 in 3 groups"
    assert (
        title(of(2, 0.4) + of(1, 0.6)) == "Selection rate ranges from 0.40 to 0.60 across 3 groups"
    )
    assert title(of(40, 0.4)) == "Selection rate is 0.40 in 30 groups (10 smaller ones not drawn)"
    small = of(1, 0.9, too_small="9 rows")
    assert title(of(1, 0.4) + small) == (
        "Selection rate is 0.40 in 1 group (1 more too small to judge)"
    )
    assert title(small) == "Selection rate is 0.90 in the only group (too small to judge)"
    assert title(of(2, 0.4) + of(1, None)) == (
        "Selection rate is 0.40 in 2 groups (not defined for 1 more)"
    )
    assert title(of(1, None)) is None
    assert title([]) is None
    chart = rates(
        assessment(["g"], [group({"g": "a"}, 9, [0.5, None, None, 0.5, 0.5, 0.5, 0.5])]),
        ["true_positive_rate", "false_positive_rate"],
        "n",
    )
    assert chart is None


def test_wording():
    assert number(0.41234) == "0.412"
    assert number(-0.5, 2) == "−0.50"
    assert number(1234.5, 1) == "1,234.5"
    assert number(0.0) == "0.000"
    assert number(0.0001) == "1.00e−04"
    assert number(None) == number(float("nan")) == number(True) == "not defined"
    assert interval([0.1, 0.2]) == "0.100 to 0.200"
    assert interval([0.1, None]) == interval(None) == interval([1]) == ""
    assert format_privacy(None) == format_privacy(float("inf")) == "no privacy guarantee"
    assert format_privacy(0.123456789) == "ε = 0.123456789"
    assert format_privacy(1.0, 0.0) == "ε = 1, δ = 0"
    assert plain(1234567.0) == "1234567"
    assert plain("x") == "not stated"
    assert moment("2026-11-24T21:05:17.190586+00:00") == "2026-11-24 21:05 UTC"
    assert moment("2026-11-24T23:05:17+02:00") == "2026-11-24 21:05 UTC"
    assert moment("2026-11-24T21:05") == "2026-11-24 21:05"
    assert moment("long ago") == "long ago"
    assert moment(None) == "not stated"
    assert size(999) == "999 bytes"
    assert size(104_213) == "104.2 kB"
    assert term("roc_auc") == "ROC AUC"
    assert term("equalized_odds_difference") == "Equalized odds difference"
