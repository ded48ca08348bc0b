"""Before and after a move of the threshold: in words, by group, and between the groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.charts import cut
from components.widgets.tables import describe_disparity, format_figure
from core.data.dataset import NO_OUTCOME
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.disparities.judged_gap import compared_note
from core.fairness.metrics.metric_definition import SELECTED
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import title_in

if TYPE_CHECKING:
    from core.data.roles.roles import Roles
    from core.fairness.counts.cube import OutcomeCube
    from core.fairness.counts.grouping import Group
    from core.fairness.metrics.assessment import Assessment, Figure
    from core.fairness.what_if.thresholds import ErrorCost

SHOWN = ("selection_rate", "true_positive_rate", "false_positive_rate", "precision", "accuracy")


def shown_of(found: Assessment) -> tuple[str, ...]:
    """Name the metrics that are shown; without outcomes only those that need none."""
    if found.cube is None or found.cube.has_outcome:
        return SHOWN
    return tuple(name for name in SHOWN if not METRICS[name].needs_outcome)


def lacking(roles: Roles) -> tuple[str, str] | None:
    """Say why no threshold of existing decisions can be moved, and what to choose instead."""
    if roles.score is None:
        return (
            "This audit looks at existing decisions without scores: no threshold made them that "
            "could be moved. Choose a column of scores on the roles page if the table has one.",
            "Choose a column of scores",
        )
    return None


def describe_thresholds(
    found: tuple[Assessment, Assessment],
    cubes: tuple[OutcomeCube, OutcomeCube],
    costs: tuple[ErrorCost, ErrorCost] | None,
    decision: str = "the positive decision",
) -> str:
    """Say in how many decisions, in which gap and in what cost today and the trial differ.

    Without true outcomes nobody knows which decisions were wrong, and costs are None. The decision
    is the positive one, as people read it.
    """
    counts = [int(SELECTED(cube.count).sum()) for cube in cubes]
    total = int(cubes[0].count.sum())
    more = counts[1] - counts[0]
    if more:
        people = "person gets" if abs(more) == 1 else "people get"
        text = f"{abs(more):,} {'more' if more > 0 else 'fewer'} {people} {decision}"
        text += f": {counts[1]:,} of {total:,} instead of {counts[0]:,}."
    else:
        text = f"As many people as now get {decision}: {counts[1]:,} of {total:,}."
    for name, what in (
        ("demographic_parity_difference", "The gap between groups in how often they get it"),
        ("equalized_odds_difference", "The gap in error rates (equalized odds)"),
    ):
        before, after = (_figure(one, name).estimate for one in found)
        if before is not None and after is not None:
            among = compared_note(found[1], name)
            text += f" {what} {_moves(before, after)}" + (f", {among}." if among else ".")
    if costs is None:
        return f"{text} Errors and their cost are not defined: {NO_OUTCOME}."
    first, then = (f"{cost.total:,.10g}" for cost in costs)
    moves = f"stays at {then}" if first == then else f"goes from {first} to {then}"
    return f"{text} The cost of wrong decisions {moves}."


def groups(
    found: tuple[Assessment, Assessment],
    chosen: dict[Group, float],
    costs: tuple[ErrorCost, ErrorCost] | None,
) -> None:
    """Show each group's figures before and after, side by side."""
    by_group = {}
    if costs is not None:
        both = zip(costs[0].by_group, costs[1].by_group, strict=True)
        by_group = dict(zip(chosen, both, strict=True))
    after = {group.group: group for group in found[1].groups}
    rows = []
    for before in found[0].groups:
        values = tuple(value for _, value in before.group)
        # Figures come first: a phone shows two columns.
        row: dict[str, object] = {"Group": before.label}
        for name in shown_of(found[0]):
            row[f"{title_in(found[0], name)}, now"] = format_figure(before.figures[name], 2)
            row[f"{title_in(found[0], name)}, moved"] = format_figure(
                after[before.group].figures[name], 2
            )
        if by_group:
            row["Cost, now"], row["Cost, moved"] = (f"{value:,.10g}" for value in by_group[values])
        row["Threshold"] = f"{chosen[values]:g}"
        row["Rows"] = before.count
        row["Large enough?"] = "no" if before.too_small else "yes"
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="Figures of every group now and with the threshold moved",
        column_config={
            "Group": st.column_config.TextColumn(pinned=True),
            "Rows": st.column_config.NumberColumn(format="localized"),
        },
    )
    st.caption("In brackets, the 95% interval of each figure.")


def gaps(found: tuple[Assessment, Assessment]) -> None:
    """Show every difference between groups before and after, with intervals."""
    shown = [
        definition
        for definition in DISPARITIES
        if definition.comparison == "difference"
        and set(definition.metrics) & set(shown_of(found[0]))
    ]
    rows = [
        {
            "Gap": definition.title,
            "Now": format_figure(_figure(found[0], definition.name)),
            "Moved": format_figure(_figure(found[1], definition.name)),
            "Between": " and ".join(
                cut(found[1].label(name)) for name in found[1].disparity(definition.name).between
            )
            or "–",
            "Significant, moved?": describe_disparity(found[1].disparity(definition.name)),
        }
        for definition in shown
    ]
    st.table(pd.DataFrame(rows).map(session.literal), hide_index=True)
    among = {note for item in shown if (note := compared_note(found[1], item.name))}
    if among:
        st.warning(session.literal(f"Gaps are {'; or '.join(sorted(among))}."))
    st.caption(session.literal(f"Now: {found[0].four_fifths.sentence}"))
    st.caption(session.literal(f"Moved: {found[1].four_fifths.sentence}"))


def _figure(found: Assessment, name: str) -> Figure:
    item = found.disparity(name)
    return item.figure if item.among_defined is None else item.among_defined


def _moves(before: float, after: float) -> str:
    first, second = f"{before:.2f}", f"{after:.2f}"
    if first == second:
        return f"stays at {first}"
    return f"{'shrinks' if after < before else 'grows'} from {first} to {second}"
