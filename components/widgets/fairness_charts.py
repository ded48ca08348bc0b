"""A metric by group as dots with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.charts import Chart, cut
from components.widgets.dot_rows import Row, dot_rows
from core.fairness.disparities.disparities import DISPARITIES, lower
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import metric_title, title_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.fairness.metrics.assessment import Assessment, Figure, GroupResult

MOST_GROUPS = 30
"""More groups than this are not drawn but listed in the table."""
NAMED = 5


def metric_by_group(assessment: Assessment, name: str) -> Chart:
    """Draw a registered metric of an assessment, see :func:`by_group`."""
    unit = "share, 0 to 1" if METRICS[name].kind == "rate" else "0 to 1"
    title = title_in(assessment, name)
    # The title names the decision; beside the axis there is room for one line.
    short = metric_title(name, assessment.positive_is_favourable)
    axis = f"{short} ({'0 to 1, 0.5 = chance' if name == 'roc_auc' else unit})"
    found = (assessment.groups, assessment.overall, name, title, axis)
    return by_group(*found, _is_chance(assessment, name), share=True)


def by_group(
    groups: Sequence[GroupResult],
    overall: GroupResult,
    name: str,
    title: str,
    axis: str,
    chance: bool,
    *,
    share: bool,
) -> Chart:
    """Draw a figure with its interval for each group; undefined ones are listed, not drawn.

    Parameters
    ----------
    groups : sequence of GroupResult
        Largest first.
    overall : GroupResult
    name, title : str
        Of the figure.
    axis : str
        Its title with its unit.
    chance : bool
        Whether the largest difference between two groups may be chance.
    share : bool
        Whether it is at most 1, so that the axis can show all there is.
    """
    rows = []
    for group in groups[:MOST_GROUPS]:
        small = not group.is_judged_by(name)
        detail = f"{group.count:,} rows" + (", too small to judge" if small else "")
        rows.append(Row(group.label, group.figures[name], detail, int(small)))
    everyone = overall.figures[name].estimate
    figure = dot_rows(
        rows,
        ("group, with its 95% interval", "too small to judge"),
        axis,
        parity=everyone,
        line="" if everyone is None else f"everyone together: {everyone:.2f}",
        intervals=share,
    )
    if figure is not None and share:
        figure.update_xaxes(range=[-0.02, 1.02])
    notes = _undefined(groups, name, title)
    if len(groups) > MOST_GROUPS:
        notes.append(
            f"The {MOST_GROUPS} largest of {len(groups)} groups are drawn; the table has all."
        )
    table = _table((overall, *groups), name, title)
    return Chart(_finding(groups, name, title, chance), figure, table, tuple(notes))


def finding(assessment: Assessment, name: str) -> str:
    """State from where to where a metric ranges, among the groups large enough to judge."""
    chance = _is_chance(assessment, name)
    return _finding(assessment.groups, name, title_in(assessment, name), chance)


def _finding(groups: Sequence[GroupResult], name: str, title: str, chance: bool) -> str:
    found = [g for g in groups if g.figures[name].estimate is not None]
    if not found:
        return f"{title} is not defined for any group"
    # Rows of unknown group are drawn, and no range begins or ends with them.
    found = [g for g in found if not g.is_unknown] or found
    firm = [g for g in found if g.is_judged_by(name)]
    judged = firm if len(firm) > 1 else found
    ordered = sorted(judged, key=lambda group: _value(group, name))
    low, high = (f"{_value(group, name):.2f}" for group in (ordered[0], ordered[-1]))
    if len(judged) == 1:
        only = "the only group" if len(groups) == 1 else "the only group that has one"
        return f"{title} is {low} in {cut(ordered[0].label)}, {only}"
    text = (
        f"{title} ranges from {low} ({cut(ordered[0].label)}) to {high} ({cut(ordered[-1].label)})"
    )
    if low == high:
        text = f"{title} is about {low} in all {len(judged)} groups"
    if not firm:
        return f"{text}, but every group is too small to judge"
    if len(firm) == 1:
        return f"{text}, but only {cut(firm[0].label)} is large enough to judge"
    if len(firm) < len(found):
        text += " among the groups large enough to judge"
    return f"{text}; a gap this size may be chance" if low != high and chance else text


def _value(group: GroupResult, name: str) -> float:
    estimate = group.figures[name].estimate
    assert estimate is not None
    return estimate


def may_be_chance(gap: Figure) -> bool:
    """Whether the interval of a gap holds 0."""
    return gap.low is not None and gap.low <= 0


def _is_chance(assessment: Assessment, name: str) -> bool:
    """Whether the gap in this one metric may be chance."""
    for definition in DISPARITIES:
        if definition.metrics == (name,) and definition.comparison == "difference":
            item = assessment.disparity(definition.name)
            return may_be_chance(item.figure if item.among_defined is None else item.among_defined)
    return False


def _undefined(groups: Sequence[GroupResult], name: str, title: str) -> list[str]:
    """Name the groups without the metric, together where they share a reason."""
    by_reason: dict[str, list[str]] = {}
    for group in groups:
        figure = group.figures[name]
        if figure.estimate is None:
            by_reason.setdefault(figure.reason or "no reason given", []).append(group.label)
    return [
        f"Not drawn: {lower(title)} is not defined for {named(names)} ({reason})."
        for reason, names in by_reason.items()
    ]


def named(groups: list[str]) -> str:
    """Name the first few of many groups, and count the rest."""
    text = ", ".join(cut(group) for group in groups[:NAMED])
    return text if len(groups) <= NAMED else f"{text} and {len(groups) - NAMED} more"


def _table(groups: Sequence[GroupResult], name: str, title: str) -> pd.DataFrame:
    rows = []
    for group in groups:
        figure = group.figures[name]
        why = f"not defined: {figure.reason}" if figure.estimate is None else figure.reason
        rows.append(
            {
                "Group": group.label,
                "Rows": group.count,
                title: _digits(figure.estimate),
                "95% from": _digits(figure.low),
                "95% to": _digits(figure.high),
                "Note": " ".join(part for part in (why, group.too_small) if part),
            }
        )
    return pd.DataFrame(rows)


def _digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
