"""The charts of fairness by group, and what any chart of a report consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from core.reporting.svg_charts import dots
from core.reporting.svg_marks import ChartAxis, ChartPoint, Row
from core.reporting.wording import (
    figure_of,
    inside,
    interval,
    is_number,
    label_of_group,
    number,
    term,
)

MOST_GROUPS = 30


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


def rates(
    fairness: Mapping[str, Any], metrics: Sequence[str], name: str, adverse: str | None = None
) -> Chart | None:
    """Draw rates between 0 and 1 by group, None if no group has one of them.

    Parameters
    ----------
    fairness : mapping
        An assessment as it stands in audit.json.
    metrics : sequence of str
        Names of one to three rates.
    name : str
        Identifier, unique in the page.
    adverse : str or None
        The positive decision as people read it, where it is adverse.
    """
    every = list(fairness.get("by_group") or [])
    groups = every[:MOST_GROUPS]
    findings = [_range(groups, metric, len(every), adverse) for metric in metrics]
    if not any(findings):
        return None
    title = "; ".join(
        finding or f"{inside(metric, adverse)} isn't defined for any group"
        for finding, metric in zip(findings, metrics, strict=True)
    )
    title = title[0].upper() + title[1:]
    rows, table = [], []
    for group in groups:
        label, points, cells = (
            label_of_group(group, fairness.get("attributes")),
            [],
            [str(group.get("count", ""))],
        )
        for metric in metrics:
            value, pair, reason = figure_of(group, metric)
            points.append(None if value is None else _point(value, pair))
            cells.append(f"not defined: {reason}" if value is None else number(value))
            cells.append(interval(pair))
        faint = any(_too_small(group, metric) for metric in metrics)
        rows.append(Row(label, _beside(group, metrics), tuple(points), faint))
        table.append((label + (" (too small to judge)" if faint else ""), *cells))
    level = fairness.get("level") or 0.95
    head = ["Group", "Count"]
    for metric in metrics:
        head += [term(metric, adverse), f"{level:.0%} interval"]
    # The title names the decision; beside the axis there is room for one line.
    short = None if adverse is None else ""
    label = term(metrics[0], short) if len(metrics) == 1 else "Rate"
    axis = ChartAxis(f"{label} (share of rows, 0 to 1)", 0.0, 1.0)
    svg = dots(
        name,
        title,
        f"A dot for each group with a line for its {level:.0%} interval; hollow dots are groups "
        "too small to judge. The table that follows holds the same numbers.",
        rows,
        axis,
        [
            term(metric, adverse)
            if adverse is not None and metric == "selection_rate"
            else _RATES.get(metric, term(metric))
            for metric in metrics
        ],
    )
    return Chart(title, svg, tuple(head), tuple(table))


def _range(
    groups: list[Mapping[str, Any]], metric: str, total: int, adverse: str | None
) -> str | None:
    # Rows of unknown group are drawn, and no range begins or ends with them.
    known = [group for group in groups if not group.get("unknown")] or groups
    values = [(figure_of(group, metric)[0], _too_small(group, metric)) for group in known]
    judged = [value for value, small in values if value is not None and not small]
    shown = judged or [value for value, _ in values if value is not None]
    if not shown:
        return None
    many = f"{len(shown)} group" + ("s" if len(shown) > 1 else "")
    if total == 1:
        many = "the only group"
    low, high = number(min(shown), 2), number(max(shown), 2)
    reach = f"is {low} in" if low == high else f"ranges from {low} to {high} across"
    notes = _outside_range(values, total - len(groups))
    return f"{inside(metric, adverse)} {reach} {many}" + (f" ({'; '.join(notes)})" if notes else "")


def _outside_range(values: list[tuple[float | None, bool]], not_drawn: int) -> list[str]:
    """Say which groups a range leaves out, from each group's figure and whether it is small."""
    judged = any(value is not None and not small for value, small in values)
    small = sum(small for _, small in values)
    undefined = sum(value is None and not (small and judged) for value, small in values)
    notes = ["too small to judge"] if not judged else []
    notes += [f"{small} more too small to judge"] if small and judged else []
    notes += [f"not defined for {undefined} more"] if undefined else []
    notes += [f"{not_drawn} smaller ones not drawn"] if not_drawn else []
    return notes


def _too_small(group: Mapping[str, Any], metric: str) -> bool:
    """Whether a group is too small to be judged by a metric; by all, where the file doesn't say."""
    return bool(group.get("too_small")) and metric in (group.get("not_judged_by") or [metric])


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


def _point(value: float, pair: object) -> ChartPoint:
    if isinstance(pair, list | tuple) and len(pair) == 2 and all(map(is_number, pair)):
        return ChartPoint(value, pair[0], pair[1])
    return ChartPoint(value)
