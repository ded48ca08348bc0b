"""Recourse by group and flips with proxies: charts, tables and what they say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.charts import Chart, cut
from components.widgets.dot_rows import Row, dot_rows
from components.widgets.tables import format_figure
from core.data.roles.group_labels import label_of_name

if TYPE_CHECKING:
    from core.explanation.counterfactual.recourse import Recourse
    from core.explanation.counterfactual.recourse_of_group import GroupRecourse
    from core.explanation.proxies.proxy_flips import ProxyFlips
    from core.fairness.metrics.assessment import Figure

MINIMUM = 10
KINDS = ("group, with its 95% interval", f"fewer than {MINIMUM} people")


def share_chart(found: Recourse) -> Chart:
    """Draw the share of each group for whom a recourse was found."""
    return Chart(
        _compared(found, "found", "have a recourse within the rules", "{:.0%}"),
        dot_rows(
            [
                Row(_called(found, g), g.found, _sampled(g), int(g.searched < MINIMUM))
                for g in found.groups
            ],
            KINDS,
            "Share with a recourse found (0 to 1)",
        ),
        recourse_table(found),
        tuple(f"{_called(found, group)}: {_sampled(group)}" for group in found.groups),
    )


def cost_chart(found: Recourse) -> Chart:
    """Draw how far the people of each group who have a recourse must move."""
    rows = [
        Row(
            _called(found, group),
            group.cost,
            _features(group),
            int(group.searched < MINIMUM),
        )
        for group in found.groups
    ]
    notes = [f"{_called(found, g)} must change most often: {_features(g)}." for g in found.groups]
    unproven = sum(group.unproven for group in found.groups)
    if unproven:
        notes.append(
            f"For {unproven:,} people not all combinations were tried, so that a smaller recourse "
            "may exist: their cost is an upper bound."
        )
    return Chart(
        _compared(found, "cost", "must move by (median distance)", "{:.2f}"),
        dot_rows(rows, KINDS, "Median distance of those with a recourse"),
        recourse_table(found),
        tuple(notes),
    )


def _called(found: Recourse, group: GroupRecourse) -> str:
    """Name a group as people read it."""
    return label_of_name((found.attribute,), group.group, [item.group for item in found.groups])


def _sampled(group: GroupRecourse) -> str:
    if not group.unfavourable:
        return "nobody was decided unfavourably"
    if group.searched == group.unfavourable:
        return f"all {group.searched:,} unfavourably decided rows were searched for"
    return (
        f"{group.searched:,} of {group.unfavourable:,} unfavourably decided rows were "
        f"searched for, which alone may move the share by {group.sampling_error:.2f}"
    )


def _features(group: GroupRecourse) -> str:
    if not group.features:
        return "nothing was found"
    return ", ".join(f"{cut(name, 30)} ({share:.0%})" for name, share in group.features[:3])


def _compared(found: Recourse, what: str, doing: str, form: str) -> str:
    """Name the two groups furthest apart, and whether their intervals overlap."""
    figures: list[tuple[str, Figure]] = [
        (_called(found, group), getattr(group, what))
        for group in found.groups
        if group.searched >= MINIMUM and getattr(group, what).low is not None
    ]
    if len(figures) < 2:
        return f"Too few people by {found.attribute} to compare how groups {doing}"
    low = min(figures, key=lambda item: item[1].estimate or 0.0)
    high = max(figures, key=lambda item: item[1].estimate or 0.0)
    if form.format(low[1].estimate) == form.format(high[1].estimate):
        every = form.format(high[1].estimate)
        return f"People decided unfavourably {doing}: {every} in all groups large enough to compare"
    text = (
        f"People decided unfavourably {doing}: {form.format(high[1].estimate)} "
        f"({cut(high[0])}) against {form.format(low[1].estimate)} ({cut(low[0])})"
    )
    if (low[1].high or 0.0) >= (high[1].low or 0.0):
        text += "; their intervals overlap, so this may be chance"
    return text


def recourse_table(found: Recourse) -> pd.DataFrame:
    """One row for each group."""
    return pd.DataFrame(
        [
            {
                "Group": _called(found, group),
                "Decided unfavourably": group.unfavourable,
                "Searched for": group.searched,
                "Share with a recourse (95% interval)": format_figure(group.found),
                "Median distance (95% interval)": format_figure(group.cost, 2),
                "Not proven smallest": group.unproven,
                "What they must change": _features(group),
            }
            for group in found.groups
        ]
    )


def proxy_chart(found: ProxyFlips, decision: str = "the positive decision") -> Chart:
    """Draw flips with the attribute and its proxies changed, against all of a group made alike.

    The decision is the positive one, as people read it.
    """
    called = partial(label_of_name, (found.flips.attribute,))
    rows, table = [], []
    equalised = {(pair.group, pair.other): pair.figure for pair in found.typical.pairs}
    for pair in sorted(found.flips.pairs, key=lambda pair: -(pair.figure.estimate or 0.0)):
        name = f"{cut(called(pair.group), 16)} as {cut(called(pair.other), 16)}"
        other = equalised[pair.group, pair.other]
        text = f"{pair.gained:,} would gain, {pair.lost:,} lose {decision}"
        rows.append(Row(name, pair.figure, f"{text}, of {pair.rows:,}", int(pair.rows < 30)))
        table.append(
            {
                "Members of": called(pair.group),
                "Decided as typical": called(pair.other),
                "Rows": pair.rows,
                f"Would gain {decision}": pair.gained,
                "Would lose it": pair.lost,
                "Share that flips (95% interval)": format_figure(pair.figure),
                "Share that flips when typical of their own group before": format_figure(other),
                **{
                    f"{feature} they are given": str(value)
                    for feature, value in found.values[pair.other].items()
                },
            }
        )
    figure, alone = found.flips.figure, found.typical.figure
    if figure.estimate is None or alone.estimate is None:
        return Chart(f"The flip rate is not defined: {figure.reason}", None, pd.DataFrame(table))
    title = (
        f"{figure.estimate:.1%} of {found.flips.rows:,} decisions would flip if "
        f"{found.flips.attribute} and its proxies were those of another group"
    )
    if figure.low is not None:
        title += f" ({figure.low:.1%} to {figure.high:.1%})"
    note = (
        "Part of this comes from giving everyone the same typical values, whichever group's. "
        "Between typical members of their own group and of another, "
        f"{alone.estimate:.1%} of decisions differ: that part hangs on the group "
        "and the proxies declared."
    )
    drawn = dot_rows(
        rows[:20],
        ("members of a group decided as typical of another", "too small to judge"),
        "Share of decisions that flip (0 to 1)",
    )
    return Chart(title, drawn, pd.DataFrame(table), (note,))
