"""A metric by group as dots with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import GREY, PALETTE, Chart, cut, frame, plain, short
from core.fairness.disparities.disparities import DISPARITIES, lower
from core.fairness.metrics.metrics import METRICS

if TYPE_CHECKING:
    from core.fairness.metrics.assessment import Assessment, GroupResult

MOST_GROUPS = 30
"""More groups than this are not drawn but listed in the table."""
NAMED = 5
STUB = (-0.2, 0.4, None)


def metric_by_group(assessment: Assessment, name: str) -> Chart:
    """Draw a metric with its interval for each group; undefined ones are listed, not drawn.

    Parameters
    ----------
    assessment : Assessment
    name : str
        Name in :data:`core.fairness.metrics.metrics.METRICS`.
    """
    drawn = [g for g in assessment.groups[:MOST_GROUPS] if g.figures[name].estimate is not None]
    notes = _undefined(assessment, name)
    if len(assessment.groups) > MOST_GROUPS:
        notes.append(
            f"The {MOST_GROUPS} largest of {len(assessment.groups)} groups are drawn; the table "
            "has all."
        )
    return Chart(
        finding(assessment, name),
        _figure(assessment, name, drawn) if drawn else None,
        _table(assessment, name),
        tuple(notes),
    )


def finding(assessment: Assessment, name: str) -> str:
    """State from where to where a metric ranges, among the groups large enough to judge."""
    title = METRICS[name].title
    found = [g for g in assessment.groups if g.figures[name].estimate is not None]
    if not found:
        return f"{title} is not defined for any group"
    # Rows of unknown group are drawn, and no range begins or ends with them.
    found = [g for g in found if not g.is_unknown] or found
    firm = [g for g in found if g.is_judged_by(name)]
    judged = firm if len(firm) > 1 else found
    ordered = sorted(judged, key=lambda group: _value(group, name))
    low, high = ordered[0], ordered[-1]
    ends = [f"{_value(group, name):.2f}" for group in (low, high)]
    if len(judged) == 1:
        only = "the only group" if len(assessment.groups) == 1 else "the only group that has one"
        return f"{title} is {ends[0]} in {cut(low.name)}, {only}"
    if ends[0] == ends[1]:
        text = f"{title} is about {ends[0]} in all {len(judged)} groups"
    else:
        text = f"{title} ranges from {ends[0]} ({cut(low.name)}) to {ends[1]} ({cut(high.name)})"
    if not firm:
        return f"{text}, but every group is too small to judge"
    if len(firm) == 1:
        return f"{text}, but only {cut(firm[0].name)} is large enough to judge"
    if len(firm) < len(found):
        text += " among the groups large enough to judge"
    if ends[0] != ends[1] and _may_be_chance(assessment, name):
        text += "; a gap this size may be chance"
    return text


def _value(group: GroupResult, name: str) -> float:
    estimate = group.figures[name].estimate
    assert estimate is not None
    return estimate


def _may_be_chance(assessment: Assessment, name: str) -> bool:
    """Whether the interval of the gap in this one metric holds 0."""
    for definition in DISPARITIES:
        if definition.metrics == (name,) and definition.comparison == "difference":
            item = assessment.disparity(definition.name)
            gap = item.figure if item.among_defined is None else item.among_defined
            return gap.low is not None and gap.low <= 0
    return False


def _undefined(assessment: Assessment, name: str) -> list[str]:
    """Name the groups without the metric, together where they share a reason."""
    by_reason: dict[str, list[str]] = {}
    for group in assessment.groups:
        figure = group.figures[name]
        if figure.estimate is None:
            by_reason.setdefault(figure.reason or "no reason given", []).append(group.name)
    title = lower(METRICS[name].title)
    return [
        f"Not drawn: {title} is not defined for {named(groups)} ({reason})."
        for reason, groups in by_reason.items()
    ]


def named(groups: list[str]) -> str:
    """Name the first few of many groups, and count the rest."""
    text = ", ".join(cut(group) for group in groups[:NAMED])
    return text if len(groups) <= NAMED else f"{text} and {len(groups) - NAMED} more"


def _figure(assessment: Assessment, name: str, drawn: list[GroupResult]) -> go.Figure:
    figure = go.Figure()
    everyone = assessment.overall.figures[name].estimate
    if everyone is not None:
        figure.add_trace(
            go.Scatter(
                # Beside the marks only, so that the line doesn't cross the groups' names.
                x=[everyone, everyone, None] * len(drawn),
                y=[y + end if end is not None else None for y in range(len(drawn)) for end in STUB],
                mode="lines",
                line={"color": GREY, "dash": "dot", "width": 2},
                name=f"everyone together: {everyone:.2f}",
                hovertemplate=f"everyone together: {everyone:.4f}<extra></extra>",
            )
        )
    for small, label, symbol in (
        (False, "group, with its 95% interval", "circle"),
        (True, "too small to judge", "circle-open"),
    ):
        rows = [(y, g) for y, g in enumerate(drawn) if g.is_judged_by(name) != small]
        if rows:
            figure.add_trace(_dots(name, rows, label, symbol, PALETTE[1 if small else 0]))
    for y, group in enumerate(drawn):
        for text, side, anchor in (
            (short(group.name, 28), 0, "left"),
            (_short_figure(group, name), 1, "right"),
        ):
            figure.add_annotation(
                x=side, xref="paper", xanchor=anchor, y=y - 0.36, text=text, showarrow=False,
                hovertext=plain(group.name),
            )  # fmt: skip
    kind = METRICS[name].kind
    unit = "share, 0 to 1" if kind == "rate" else "0 to 1"
    if name == "roc_auc":
        unit = "0 to 1, 0.5 = chance"
    figure.update_xaxes(title=f"{METRICS[name].title} ({unit})", range=[-0.02, 1.02])
    figure.update_yaxes(visible=False, range=[len(drawn) - 0.4, -0.75])
    return frame(figure, 120 + 46 * len(drawn))


def _dots(
    name: str, rows: list[tuple[int, GroupResult]], label: str, symbol: str, colour: str
) -> go.Scatter:
    figures = [group.figures[name] for _, group in rows]
    values = [_value(group, name) for _, group in rows]
    return go.Scatter(
        x=values,
        y=[y for y, _ in rows],
        mode="markers",
        name=label,
        marker={
            "color": colour,
            "size": 11,
            "symbol": symbol,
            "line": {"width": 2, "color": colour},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [
                0.0 if f.high is None else f.high - v for f, v in zip(figures, values, strict=True)
            ],
            "arrayminus": [
                0.0 if f.low is None else v - f.low for f, v in zip(figures, values, strict=True)
            ],
            "thickness": 2,
        },
        customdata=[
            [
                short(group.name, 120),
                f"{group.count:,}",
                f"{f.low:.4f} to {f.high:.4f}"
                if f.low is not None and f.high is not None
                else f"none: {plain(f.reason or '')}",
                "" if group.is_judged_by(name) else "<br>too small to judge",
            ]
            for (_, group), f in zip(rows, figures, strict=True)
        ],
        hovertemplate="%{customdata[0]}<br>%{x:.4f}<br>95% interval %{customdata[2]}"
        "<br>%{customdata[1]} rows%{customdata[3]}<extra></extra>",
    )


def _short_figure(group: GroupResult, name: str) -> str:
    figure = group.figures[name]
    if figure.low is None or figure.high is None:
        return f"{figure.estimate:.2f}"
    return f"{figure.estimate:.2f} ({figure.low:.2f}–{figure.high:.2f})"


def _table(assessment: Assessment, name: str) -> pd.DataFrame:
    rows = []
    for group in (assessment.overall, *assessment.groups):
        figure = group.figures[name]
        why = f"not defined: {figure.reason}" if figure.estimate is None else figure.reason
        rows.append(
            {
                "Group": group.name,
                "Rows": group.count,
                METRICS[name].title: _digits(figure.estimate),
                "95% from": _digits(figure.low),
                "95% to": _digits(figure.high),
                "Note": " ".join(part for part in (why, group.too_small) if part),
            }
        )
    return pd.DataFrame(rows)


def _digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
