"""The charts of explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.reporting.fairness_charts import Chart
from core.reporting.svg_charts import bars
from core.reporting.svg_marks import ChartAxis, ChartPoint, Row
from core.reporting.wording import is_number, number, plain

MOST_FEATURES = 15


def importance(explanation: Mapping[str, Any], name: str) -> Chart | None:
    """Draw the mean absolute SHAP value of the features, the largest fifteen."""
    found = [f for f in explanation.get("features") or [] if is_number(f.get("mean_absolute"))]
    if not found:
        return None
    found.sort(key=lambda f: -f["mean_absolute"])
    shown, rest = found[:MOST_FEATURES], found[MOST_FEATURES:]
    total = sum(f["mean_absolute"] for f in found)
    rows = [_bar(str(f["feature"]), f["mean_absolute"], f.get("standard_error")) for f in shown]
    if rest:
        together = sum(f["mean_absolute"] for f in rest)
        rows.append(_bar(f"and {len(rest)} more, together", together))
    first = shown[0]
    title = "No feature moves the model's output"
    if total > 0:
        share = f"{first['mean_absolute'] / total:.0%} of the whole"
        title = f"“{first['feature']}” moves the model's output most, {share}"
    parts = {"mean_absolute": "Mean |SHAP value|"}
    if any("standard_error" in f for f in found):
        parts["standard_error"] = "Standard error"
    parts["mean"] = "Mean SHAP value"
    explains = explanation.get("explains") or "the model's output"
    axis = _axis(f"mean |SHAP value|, in units of {explains}", rows)
    svg = bars(
        name,
        title,
        "A bar for each feature, the longest first, with its standard error where it is known.",
        rows,
        axis,
    )
    table = tuple((str(f["feature"]), *(number(f.get(part), 4) for part in parts)) for f in found)
    return Chart(title, svg, ("Feature", *parts.values()), table)


def local(values: object, key: str, label: str, name: str) -> Chart | None:
    """Draw what each feature adds to one row's output, the largest fifteen.

    Parameters
    ----------
    values : list of mapping
        Each with ``feature``, ``value`` and the number under ``key``; a ``spread`` is drawn.
    key : str
        "contribution" (SHAP) or "weight" (LIME).
    label : str
        Of the axis, with units.
    name : str
        Identifier, unique in the page.
    """
    given = values if isinstance(values, list | tuple) else []
    found = [value for value in given if is_number(value.get(key))]
    if not found:
        return None
    found.sort(key=lambda value: -abs(value[key]))
    shown, rest = found[:MOST_FEATURES], found[MOST_FEATURES:]
    rows = [_bar(_stated(value), value[key], value.get("spread")) for value in shown]
    if rest:
        together = sum(value[key] for value in rest)
        rows.append(_bar(f"and {len(rest)} more, together", together))
    first = shown[0]
    way = "raises" if first[key] > 0 else "lowers" if first[key] < 0 else "doesn't change"
    title = f"“{_stated(first)}” {way} the output most, by {number(abs(first[key]))}"
    if first[key] == 0:
        title = "No feature changes the output"
    svg = bars(
        name,
        title,
        "A bar for each feature: to the right it raises the output, to the left it lowers it.",
        rows,
        _axis(label, rows),
    )
    spread = any("spread" in value for value in found)
    head = ("Feature", "Value", key.capitalize(), *(("Spread",) if spread else ()))
    table = tuple(
        (
            str(value["feature"]),
            str(value.get("value", "")),
            number(value[key], 4),
            *((number(value.get("spread"), 4),) if spread else ()),
        )
        for value in found
    )
    return Chart(title, svg, head, table)


def _bar(label: str, value: float, spread: object = None) -> Row:
    text = number(value)
    if isinstance(spread, int | float) and is_number(spread):
        return Row(
            label,
            f"{text} ± {number(spread)}",
            (ChartPoint(value, value - spread, value + spread),),
        )
    return Row(label, text, (ChartPoint(value),))


def _axis(label: str, rows: Sequence[Row]) -> ChartAxis:
    points = [point for row in rows for point in row.points if point is not None]
    low = min(0.0, *(p.value if p.low is None else p.low for p in points))
    high = max(0.0, *(p.value if p.high is None else p.high for p in points))
    return ChartAxis(label, low, high if high > low else low + 1.0)


def _stated(value: Mapping[str, Any]) -> str:
    held = value.get("value")
    if held is None:
        return str(value["feature"])
    return f"{value['feature']}: {plain(held) if is_number(held) else held}"
