"""What a private release costs, the error to expect of it, and what came of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.app import results, session
from components.widgets import fairness_view
from components.widgets.charts import PALETTE, Chart, cut, frame, plain, short, show, whiskers
from components.widgets.coverage_label import coverage_label
from components.widgets.fairness_charts import metric_by_group
from core.anonymity.recipe import csv_of
from core.learning.learners import LEARNERS
from core.numerals import with_minus
from core.privacy.accounting.budget import Budget, Charge
from core.privacy.guidance.outlook import Outlook, outlook
from core.privacy.release.axis import BinAxis
from core.privacy.release.private_fairness import PrivateFairness
from core.privacy.release.release_figures import (
    ReleasedCounts,
    ReleasedNumber,
    read_counts,
    read_number,
)
from core.privacy.release.release_guarantee import Decisions, guarantee_of_release, release_rows
from core.privacy.release.release_plan import CountsPlan, FairnessPlan, Plan, numbers_released
from core.privacy.release.release_preview import expected_errors
from core.storage.json_format import to_json

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.fairness.metrics.assessment import Figure
    from core.privacy.release.release import Release

MOST_CELLS = 40
"""More cells than this are not drawn but listed in the table."""


def cost_of(plan: Plan, charges: tuple[Charge, ...], cap: Budget) -> Outlook:
    """Say what the plan costs of what is left."""
    return outlook(cap, charges, Charge(plan.what, plan.epsilon, 0.0, plan.neighbouring))


def preview(plan: Plan, state: AuditState) -> None:
    """Show the expected error before anything is spent."""
    rows = st.number_input(
        "About how many rows do you expect?", 1, 10**9, 1000,
        **session.lasting(f"release rows {state.id}"),
        help="A guess of yours. The data are not looked at: even the number of rows is private.",
    )  # fmt: skip
    found = expected_errors(plan, rows)
    st.dataframe(
        pd.DataFrame(
            {
                "Figure": [item.figure for item in found],
                "± by noise alone": [_width(item.noise) for item in found],
                "± by sampling alone": [
                    "–" if item.sampling is None else _width(item.sampling) for item in found
                ],
                "± by both": [_width(item.both) for item in found],
                "In": [item.unit for item in found],
            }
        ),
        hide_index=True,
        alt="Expected error",
    )
    st.caption(
        f"In 95 of 100 cases the error stays within these limits; {numbers_released(plan)} noisy "
        "numbers are released. “Swamped”: the noise is as large as the group, so the rate would "
        "not be defined. Shares of 0.01 are one percentage point."
    )
    coverage_label("release_preview", state)


def release_view(found: Release, state: AuditState, key_prefix: str) -> None:
    """Show a kept release with its guarantee, figures and downloads."""
    coverage_label("private_release", state)
    guarantee = guarantee_of_release(found, _decisions(state))
    st.markdown(session.literal(guarantee.statement))
    with st.expander("What the guarantee covers and what it leaves out"):
        covered = [f"- Covered: {session.literal(item)}." for item in guarantee.covers]
        left_out = [f"- Left out: {session.literal(item)}." for item in guarantee.leaves_out]
        st.markdown("\n".join([*covered, *left_out]))
    fairness = None
    if isinstance(found.plan, FairnessPlan):
        fairness = results.private_fairness(found)
        _fairness(fairness, key_prefix)
    elif isinstance(found.plan, CountsPlan):
        _counts(found.plan, read_counts(found), key_prefix)
    else:
        _number(found.plan.what, read_number(found))
    _downloads(found, fairness, key_prefix)


def _fairness(found: PrivateFairness, key_prefix: str) -> None:
    by_name = {" × ".join(names): item for names, item in found.assessments.items()}
    first = next(iter(by_name))
    chosen = st.segmented_control("By", list(by_name), default=first, key=f"by {key_prefix}")
    assessment = by_name[chosen or first]
    st.markdown(session.literal(assessment.four_fifths.sentence))
    show(metric_by_group(assessment, "selection_rate"), f"chart {key_prefix}")
    fairness_view.groups(assessment, None)
    with st.expander("How far apart the groups are, in every measure"):
        fairness_view.comparisons(assessment)
    st.caption(
        f"{found.cells} noisy counts were released; {found.negative} of them fell below 0, which "
        f"only noise can do, and show as 0. Rows outside the declared groups: "
        f"about {max(0, found.outside):,}. Intervals hold both the noise and the sampling."
    )


def _counts(plan: CountsPlan, found: ReleasedCounts, key_prefix: str) -> None:
    labels = [" · ".join(cell.labels) for cell in found.cells]
    largest = max(found.cells, key=lambda cell: cell.noisy)
    drawn = list(zip(labels, found.cells, strict=True))[:MOST_CELLS]
    upright = len(plan.axes) == 1 and isinstance(plan.axes[0], BinAxis)
    ticks, rows = [short(label) for label, _ in drawn], [c.count.estimate for _, c in drawn]
    reaches = whiskers(cell.count for _, cell in drawn)
    name = plain(" × ".join(axis.name for axis in plan.axes))
    bars = go.Bar(
        marker_color=PALETTE[0],
        customdata=[[plain(label), _range(cell.count)] for label, cell in drawn],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]} rows<extra></extra>",
    )
    figure = go.Figure(bars)
    if upright:
        figure.update_traces(x=ticks, y=rows, error_y=reaches)
        figure.update_xaxes(title=name, type="category")
        figure.update_yaxes(title="Rows", rangemode="tozero")
    else:  # names of categories are long, and lie better than they stand
        figure.update_traces(x=rows, y=ticks, error_x=reaches, orientation="h")
        figure.update_yaxes(title=name, type="category", autorange="reversed")
        figure.update_xaxes(title="Rows", rangemode="tozero")
    height = 360 if upright else 110 + 26 * len(drawn)
    table = pd.DataFrame(
        {
            " × ".join(axis.name for axis in plan.axes): labels,
            "Rows (95% interval)": [_range(cell.count) for cell in found.cells],
            "Share (95% interval)": [_range(cell.share, 3) for cell in found.cells],
            "As released": [cell.noisy for cell in found.cells],
        }
    )
    top = cut(" · ".join(largest.labels))
    title = f"{top} is the most frequent, in about {max(0, largest.noisy):,} rows"
    show(
        Chart(
            title,
            frame(figure, height),
            table,
            (
                f"{found.negative} noisy counts fell below 0, which only noise can do, and show "
                f"as 0. Rows outside the declared values: about {max(0, found.outside):,}.",
                *(
                    [f"The first {MOST_CELLS} of {len(labels)} cells are drawn; the table has all."]
                    if len(labels) > MOST_CELLS
                    else []
                ),
                "The interval of a count holds the count of this table; that of a share holds the "
                "share in the population these rows are a sample of.",
            ),
        ),
        f"chart {key_prefix}",
    )


def _number(what: str, found: ReleasedNumber) -> None:
    if found.rows.estimate is None:
        st.warning(session.literal(f"{what}: not defined, because {found.rows.reason}."))
        return
    st.metric(what, f"{found.rows.estimate:,.4g}", border=True)
    st.caption(
        f"In these rows: {_range(found.rows, 4)}; the interval holds the noise. In the population "
        f"they are a sample of: {_range(found.population, 4)}; it holds the sampling too and errs "
        f"to the wide side. About {found.counted:,} rows have a value."
    )


def _downloads(found: Release, fairness: PrivateFairness | None, key_prefix: str) -> None:
    rows = release_rows(found, fairness)
    record = to_json(found) | {"figures": rows}
    text, repairs = csv_of(pd.DataFrame(rows))
    for repair in repairs:
        st.caption(session.literal(f"{repair.column}: {repair.what} ({repair.count})"))
    left, right = st.columns(2)
    left.download_button(
        "Download as CSV", text, "private-release.csv",
        "text/csv", key=f"csv {key_prefix}", width="stretch",
    )  # fmt: skip
    right.download_button(
        "Download as JSON", json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False),
        "private-release.json", "application/json", key=f"json {key_prefix}", width="stretch",
    )  # fmt: skip


def _decisions(state: AuditState) -> Decisions:
    spec = state.training
    if spec is None:
        return "existing"
    private = LEARNERS[spec.learner].private and spec.noise == "fresh"
    return "private model" if private else "ordinary model"


def _width(value: float | None) -> str:
    return "swamped" if value is None else f"{value:,.3g}"


def _range(figure: Figure, digits: int = 0) -> str:
    if figure.estimate is None or figure.low is None or figure.high is None:
        return f"not defined: {figure.reason}"
    if digits:
        return with_minus(
            f"{figure.estimate:,.{digits}g} ({figure.low:,.{digits}g} to {figure.high:,.{digits}g})"
        )
    return with_minus(f"{figure.estimate:,.0f} ({figure.low:,.0f} to {figure.high:,.0f})")
