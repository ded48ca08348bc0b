"""Rows of dots: names stand clear of the line of parity, and intervals tell their level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from components.fairness.subgroup_view import subgroup_chart
from components.widgets.dot_rows import NAME_WIDTH, STUB, Row, dot_rows
from core.fairness.disparities.subgroups import SubgroupSearch, search_subgroups
from core.fairness.metrics.assessment import Figure


def drawn(name: str, **options: float):
    rows = [Row(name, Figure(0.1, 0.05, 0.2), "9 rows"), Row("b", Figure(None, reason="none"), "")]
    return dot_rows(rows, ("one",), "Gap", signed=True, parity=0.0, **options)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("x" * NAME_WIDTH, ["x" * NAME_WIDTH]),
        ("race African-American · sex Female", ["race African-American · sex Female"]),
        ("race African-American · sex Female 1", ["race African-American · sex Female", "1"]),
        ("a <b> & " + "c" * 40, ["a &lt;b&gt; &amp; " + "c" * 26, "c" * 14]),
        (
            "word " * 20,
            ["word word word word word word word"[:34], "word word word word word word…"],
        ),
        (" ", [""]),
    ],
)
def test_a_name_takes_two_lines_at_most(name: str, texts: list[str]) -> None:
    figure = drawn(name)
    assert figure.layout.annotations[0].text.split("<br>") == texts
    assert figure.layout.height == 120 + 46 + 16 * (len(texts) - 1)


def found(gap: float) -> SubgroupSearch:
    rng = np.random.default_rng(0)
    columns = pd.DataFrame({"sex": rng.choice(["Male", "Female"], 2000)})
    decisions = rng.random(2000) < np.where(columns["sex"] == "Male", 0.5 + gap, 0.5)
    return list(search_subgroups(None, decisions, columns, "selection_rate"))[-1][1]


@pytest.mark.parametrize(
    ("gap", "kind"), [(0.3, "statistically significant"), (0.0, "may be chance")]
)
def test_names_of_subgroups_stand_above_the_line_of_no_gap(gap: float, kind: str) -> None:
    search = found(gap)
    figure = subgroup_chart(search).figure
    line, dots = figure.data
    assert not figure.layout.shapes
    assert figure.layout.xaxis.zeroline is False
    assert dots.name == kind
    assert set(line.x) == {0.0, None}
    for y in dots.y:
        (name,) = {a.y for a in figure.layout.annotations if round(a.y) == y}
        # Down is up on this axis: the line begins where the name ends, above its dot.
        assert name == y + STUB[0]
        assert name in line.y


def test_an_interval_tells_its_level() -> None:
    assert drawn("a").data[1].customdata[0][3] == "95%"
    search = found(0.3)
    result = subgroup_chart(search).figure.data[1].customdata[0]
    # Two subgroups were looked at.
    assert result[3] == "97.5%"
    assert "%{customdata[3]} interval" in subgroup_chart(search).figure.data[1].hovertemplate
