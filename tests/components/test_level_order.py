"""Levels that are ranges are shown in their order; the numbers beside them stay theirs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from components.explanation.effect_curve_charts import curve_chart
from components.widgets.charts import plain
from components.widgets.judged_columns import binned
from core.data.table import MISSING
from core.explanation.effects.effects import EffectCurve

RANGES = ("no checking", ">= 200", "< 0", "0 <= X < 200")
NO_ORDER = ("rent", "own", "for free", "other")


@pytest.mark.parametrize("kind", ["local", "dependence"])
@pytest.mark.parametrize(("points", "order"), [(RANGES, (2, 3, 1, 0)), (NO_ORDER, (0, 1, 2, 3))])
def test_a_curve_s_categories_stand_in_order(
    kind: str, points: tuple[str, ...], order: tuple[int, ...]
) -> None:
    step = np.arange(4.0)
    curve = EffectCurve(
        "status", False, points, step / 6, step / 10, step / 10 - 0.01, step / 10 + 0.02,
        step / 5 - 0.3, step / 5 - 0.31, step / 5 - 0.28, 60, 0, 0,
    )  # fmt: skip
    chart = curve_chart(curve, kind)
    chosen = list(order)
    value, low, high = (
        (curve.local, curve.local_low, curve.local_high)
        if kind == "local"
        else (curve.dependence, curve.dependence_low, curve.dependence_high)
    )
    assert chart.table["status"].tolist() == [points[p] for p in order]
    assert chart.table["part of rows"].tolist() == curve.share[chosen].tolist()
    assert chart.table["95% from"].tolist() == low[chosen].tolist()
    assert chart.table["to"].tolist() == high[chosen].tolist()
    assert list(chart.figure.data[0].x) == value[chosen].tolist()
    assert chart.figure.data[0].customdata[0][0] == plain(points[order[0]])
    assert f"highest at {points[3]}, lowest at {points[0]}" in chart.title


def test_strata_that_are_ranges_or_few_numbers_have_an_order() -> None:
    found = binned(pd.Series([*RANGES, None], dtype=object, name="status"), "here")
    assert list(found.cat.categories) == ["< 0", "0 <= X < 200", ">= 200", "no checking", MISSING]
    assert found.cat.ordered
    assert found.astype(object).tolist() == [*RANGES, MISSING]
    numbers = binned(pd.Series([10, 2, 1, 10], name="credits"), "here")
    assert list(numbers.cat.categories) == ["1", "2", "10", MISSING]


def test_strata_without_an_order_have_none() -> None:
    found = binned(pd.Series([*NO_ORDER, None], dtype=object, name="housing"), "here")
    assert found.dtype == object
    assert found.tolist() == [*NO_ORDER, MISSING]
