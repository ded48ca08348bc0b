"""The charts of a report, each with a title that states its finding and a table of its numbers."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from core.reporting.charts import Axis, Point, Row, bars, dots, lines
from core.reporting.wording import (
    figure_of,
    group_name,
    interval,
    is_number,
    number,
    plain,
    promise,
    term,
)

MOST_GROUPS = 30
MOST_FEATURES = 15

_RATES = {
    "selection_rate": "Selection rate",
    "true_positive_rate": "True positive rate (TPR)",
    "false_positive_rate": "False positive rate (FPR)",
}


@dataclass(frozen=True)
class Chart:
    """A chart and the same numbers as a table.

    Attributes
    ----------
    title : str
        The finding, in one sentence without a full stop.
    svg : Markup
    head : tuple of str
        Column headings of the table.
    rows : tuple of tuple of str
    """

    title: str
    svg: Markup
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def rates(fairness: Mapping[str, Any], metrics: Sequence[str], name: str) -> Chart | None:
    """Draw rates between 0 and 1 by group, None if no group has one of them.

    Parameters
    ----------
    fairness : mapping
        An assessment as it stands in audit.json.
    metrics : sequence of str
        Names of one to three rates.
    name : str
        Identifier, unique in the page.
    """
    every = list(fairness.get("by_group") or [])
    groups = every[:MOST_GROUPS]
    findings = [_range(groups, metric, len(every)) for metric in metrics]
    if not any(findings):
        return None
    title = "; ".join(
        finding or f"{_inside(metric)} isn't defined for any group"
        for finding, metric in zip(findings, metrics, strict=True)
    )
    title = title[0].upper() + title[1:]
    rows, table = [], []
    for group in groups:
        label, points, cells = (
            group_name(group.get("group"), fairness.get("attributes")),
            [],
            [str(group.get("count", ""))],
        )
        for metric in metrics:
            value, pair, reason = figure_of(group, metric)
            points.append(None if value is None else _point(value, pair))
            cells.append(f"not defined: {reason}" if value is None else number(value))
            cells.append(interval(pair))
        faint = bool(group.get("too_small"))
        rows.append(Row(label, _beside(group, metrics), tuple(points), faint))
        table.append((label + (" (too small to judge)" if faint else ""), *cells))
    level = fairness.get("level") or 0.95
    head = ["Group", "Count"]
    for metric in metrics:
        head += [term(metric), f"{level:.0%} interval"]
    label = term(metrics[0]) if len(metrics) == 1 else "Rate"
    axis = Axis(f"{label} (share of rows, 0 to 1)", 0.0, 1.0)
    svg = dots(
        name,
        title,
        f"A dot for each group with a line for its {level:.0%} interval; hollow dots are groups "
        "too small to judge. The table that follows holds the same numbers.",
        rows,
        axis,
        [_RATES.get(metric, term(metric)) for metric in metrics],
    )
    return Chart(title, svg, tuple(head), tuple(table))


def importance(explanation: Mapping[str, Any], name: str) -> Chart | None:
    """Draw the mean absolute SHAP value of the features, the largest fifteen."""
    found = [f for f in explanation.get("features") or [] if is_number(f.get("mean_absolute"))]
    if not found:
        return None
    found.sort(key=lambda f: -f["mean_absolute"])
    shown, rest = found[:MOST_FEATURES], found[MOST_FEATURES:]
    total = sum(f["mean_absolute"] for f in found)
    rows = [_bar(str(f["feature"]), f["mean_absolute"]) for f in shown]
    if rest:
        together = sum(f["mean_absolute"] for f in rest)
        rows.append(_bar(f"and {len(rest)} more, together", together))
    first = shown[0]
    share = f", {first['mean_absolute'] / total:.0%} of the whole" if total > 0 else ""
    title = f"“{first['feature']}” moves the model's output most{share}"
    explains = explanation.get("explains") or "the model's output"
    axis = _axis(f"mean |SHAP value|, in units of {explains}", rows)
    svg = bars(name, title, "A bar for each feature, the longest first.", rows, axis)
    table = tuple(
        (str(f["feature"]), number(f["mean_absolute"], 4), number(f.get("mean"), 4)) for f in found
    )
    return Chart(title, svg, ("Feature", "Mean |SHAP value|", "Mean SHAP value"), table)


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


def tradeoff(points: Sequence[Mapping[str, Any]], metric: str, name: str) -> Chart | None:
    """Draw a metric against ε, a line for each learner and mitigation, over the seeds."""
    found = [point for point in points if is_number(point.get(metric))]
    if not found:
        return None
    budgets: list[float | None] = [
        *sorted({p["epsilon"] for p in found if is_number(p.get("epsilon"))})
    ]
    if any(not is_number(p.get("epsilon")) for p in found):
        budgets.append(None)
    places = ["none" if epsilon is None else plain(epsilon) for epsilon in budgets]
    methods = list(dict.fromkeys(_method(point) for point in found))
    series, table, means = [], [], []
    for method in methods:
        drawn: list[Point | None] = []
        for epsilon in budgets:
            values = [p[metric] for p in found if (_method(p), _budget(p)) == (method, epsilon)]
            if not values:
                drawn.append(None)
                continue
            mean = statistics.fmean(values)
            drawn.append(Point(mean, min(values), max(values)))
            means.append((mean, method, epsilon))
            spread = f"{number(min(values))} to {number(max(values))}"
            cells = (method, promise(epsilon), str(len(values)), number(mean), spread)
            table.append(cells)
        series.append((method, drawn))
    title = _reach(_inside(metric), means)
    ends = [p for _, drawn in series for p in drawn if p is not None]
    low, high = min(p.low or 0.0 for p in ends), max(p.high or 0.0 for p in ends)
    pad = max((high - low) * 0.08, 0.01)
    axis = Axis(term(metric), max(low - pad, 0.0) if low >= 0 else low - pad, high + pad)
    svg = lines(
        name,
        title,
        "A line for each method through its means over the seeds, with a line from the lowest "
        "seed to the highest. The table that follows holds the same numbers.",
        places,
        series,
        "ε, in order but not to scale (none: no privacy promise)",
        axis,
    )
    head = ("Method", "Privacy budget", "Seeds", f"Mean {term(metric)}", "Lowest to highest")
    return Chart(title, svg, head, tuple(table))


def _range(groups: list[Mapping[str, Any]], metric: str, total: int) -> str | None:
    values = [v for g in groups if (v := figure_of(g, metric)[0]) is not None]
    if not values:
        return None
    many = "the only group" if total == 1 else f"{len(values)} groups"
    if len(groups) < total:
        many = f"the {len(groups)} largest of {total} groups"
    apart = len(groups) - len(values)
    small = sum(bool(g.get("too_small")) and figure_of(g, metric)[0] is not None for g in groups)
    notes = [f"{small} too small to judge"] if small else []
    notes += [f"not defined for {apart} more"] if apart else []
    low, high = number(min(values), 2), number(max(values), 2)
    reach = f"is {low} in" if low == high else f"ranges from {low} to {high} across"
    return f"{_inside(metric)} {reach} {many}" + (f" ({'; '.join(notes)})" if notes else "")


def _beside(group: Mapping[str, Any], metrics: Sequence[str]) -> str:
    if len(metrics) > 1:
        short = {"true_positive_rate": "TPR", "false_positive_rate": "FPR"}
        return " · ".join(
            f"{short.get(m, term(m))} {number(v, 2) if v is not None else '–'}"
            for m in metrics
            for v in [figure_of(group, m)[0]]
        )
    value, pair, _ = figure_of(group, metrics[0])
    if value is None:
        return "not defined"
    ends = interval(pair, 2)
    return f"{number(value, 2)} ({ends})" if ends else number(value, 2)


def _point(value: float, pair: object) -> Point:
    if isinstance(pair, list | tuple) and len(pair) == 2 and all(map(is_number, pair)):
        return Point(value, pair[0], pair[1])
    return Point(value)


def _bar(label: str, value: float, spread: object = None) -> Row:
    text = number(value)
    if isinstance(spread, int | float) and is_number(spread):
        return Row(
            label, f"{text} ± {number(spread)}", (Point(value, value - spread, value + spread),)
        )
    return Row(label, text, (Point(value),))


def _axis(label: str, rows: Sequence[Row]) -> Axis:
    points = [point for row in rows for point in row.points if point is not None]
    low = min(0.0, *(p.value if p.low is None else p.low for p in points))
    high = max(0.0, *(p.value if p.high is None else p.high for p in points))
    return Axis(label, low, high if high > low else low + 1.0)


def _stated(value: Mapping[str, Any]) -> str:
    held = value.get("value")
    if held is None:
        return str(value["feature"])
    return f"{value['feature']}: {plain(held) if is_number(held) else held}"


def _method(point: Mapping[str, Any]) -> str:
    mitigation = point.get("mitigation") or "none"
    return str(point.get("learner")) + ("" if mitigation == "none" else f" + {mitigation}")


def _budget(point: Mapping[str, Any]) -> float | None:
    epsilon = point.get("epsilon")
    return epsilon if isinstance(epsilon, int | float) and is_number(epsilon) else None


def _inside(metric: str) -> str:
    """Write a term as it stands inside a sentence."""
    text = term(metric)
    return text if text[:2].isupper() else text[0].lower() + text[1:]


def _reach(metric: str, means: list[tuple[float, str, float | None]]) -> str:
    worst, best = min(means, key=lambda m: m[0]), max(means, key=lambda m: m[0])

    def place(mean: tuple[float, str, float | None]) -> str:
        return f"{number(mean[0], 2)} ({mean[1]}, {promise(mean[2])})"

    if len(means) == 1:
        return f"Mean {metric} is {place(best)}"
    return f"Mean {metric} ranges from {place(worst)} to {place(best)}"
