"""What a sweep found: the Pareto analysis, the setting that is looked at, prices and a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components.app import results, session
from components.app.sweep_numbers import missing_table, ties_within, whole_table
from components.tradeoffs import impact_by_group_view, operating_point_view, prices_view
from components.tradeoffs.impact_along import MITIGATION, PRIVACY
from components.tradeoffs.pareto_bands import MEANING, without_bands
from components.tradeoffs.pareto_chart import Marks, pareto_figure, rows_with_bands
from components.tradeoffs.pareto_filters import (
    default_axes,
    pick_axes,
    set_limits,
    without_equivalent,
)
from components.tradeoffs.pareto_finding import edge, finding
from components.tradeoffs.pareto_setting import pick_setting
from components.tradeoffs.selected_setting import compare_pins, pinned, selected_setting
from components.widgets import charts
from components.widgets.charts import Chart
from core.tradeoff.frontier.equivalent_settings import equivalent_settings
from core.tradeoff.frontier.pareto_analysis import filtered, pareto_analysis

if TYPE_CHECKING:
    from components.app.sweep_numbers import SweepResults
    from core.audit_state.state import AuditState
    from core.audit_state.sweep_plan import SweepPlan
    from core.data.dataset import Dataset
    from core.tradeoff.frontier.axes import ParetoAxis
    from core.tradeoff.frontier.pareto_analysis import Filtered
    from core.tradeoff.sweep.grid import Setting
    from core.tradeoff.sweep.sweep import SweepState

READING = (
    "Each mark is the mean over a setting's runs. The **Pareto front** holds the settings that no "
    "other is at least as good as in performance, unfairness and ε together, and better in one; "
    "what is dominated is faded, most where significantly so. A coloured line joins the front at "
    "one ε. The dotted line joins those that no other within the limits dominates in the two "
    "figures alone, whatever its ε. A ring: it does not differ significantly from the best "
    "performance within the limits. "
)


def show(
    state: AuditState, dataset: Dataset, plan: SweepPlan, sweep_state: SweepState, label: str
) -> None:
    """Show everything a sweep found.

    Parameters
    ----------
    state : AuditState
    dataset : Dataset
        Of the audit.
    plan : SweepPlan
    sweep_state : SweepState
        The runs so far.
    label : str
        What must be said on every picture.
    """
    operating_point_view.banner(state, dataset)
    if not sweep_state.points:
        st.caption("No run has finished yet, so there is nothing to compare.")
        return
    st.header("Pareto analysis: what is attainable")
    key_prefix = state.id
    everything = sweep_state
    sweep_state = without_equivalent(key_prefix, sweep_state)
    axes = pick_axes(key_prefix, plan.grid.attributes, sweep_state.points)
    found = results.sweep_results(state, dataset, plan, sweep_state, axes)
    if np.isnan(found.analysis.losses).any(axis=1).all():
        st.warning("No setting has both figures, so there is nothing to draw; the reasons follow.")
        _missing(everything, axes)
        return
    limits = set_limits(key_prefix, found.analysis)
    chart = f"pareto {key_prefix}"
    selected = pick_setting(key_prefix, found, limits, _just_clicked(chart, key_prefix, found))
    setting = found.analysis.settings[selected]
    pins = pinned(key_prefix, found)
    _pareto(chart, found, limits, selected, pins, label)
    st.header("The setting you look at")
    favourable = state.roles is None or state.roles.positive_is_favourable
    combination = selected_setting(key_prefix, plan, found, setting, called=dataset.decision_labels)
    compare_pins(key_prefix, found, combination, favourable=favourable)
    tried = found.analysis.settings
    for title, along, there in (
        ("Impact of privacy by group", PRIVACY, any(item.epsilon is not None for item in tried)),
        (
            "Impact of the mitigation by group",
            MITIGATION,
            any(i.mitigation != "none" for i in tried),
        ),
    ):
        if there:
            st.header(title)
            impact_by_group_view.show(
                key_prefix, found, setting, combination, label,
                positive_is_favourable=favourable, along=along,
            )  # fmt: skip
    st.header("Prices")
    prices_view.show(key_prefix, found, setting)
    st.header("Choose this operating point")
    operating_point_view.form(state, dataset, plan, setting, found, label)
    _missing(everything, axes)


def show_live(plan: SweepPlan, sweep_state: SweepState, label: str, number: int) -> None:
    """Draw the Pareto chart of a sweep that still runs.

    Parameters
    ----------
    plan : SweepPlan
    sweep_state : SweepState
    label : str
        What must be said on every picture.
    number : int
        Of the drawing, which tells it from the ones before.
    """
    if not sweep_state.points:
        st.caption("No run has finished yet.")
        return
    found = pareto_analysis(
        sweep_state.points, *default_axes(plan.grid.attributes, sweep_state.points)
    )
    limits = filtered(found)
    apart = equivalent_settings(sweep_state.points)
    status = [
        "undefined" if lost else "front" if on else "dominated by estimates"
        for on, lost in zip(limits.front, limits.undefined, strict=True)
    ]
    figure = pareto_figure(found, limits, Marks(status, bands="none"), label)
    st.markdown(f"**{session.literal(finding(found, limits, apart=apart))}**")
    if figure is not None:
        st.plotly_chart(
            charts.inked(figure),
            key=f"live pareto {number}",
            config=charts.CONFIG,
            alt="Settings so far",
        )
    st.caption(
        f"{len(sweep_state.points):,} of {sweep_state.total:,} runs done; figures move until all "
        "are there. Faded: dominated so far."
    )


def _just_clicked(chart: str, key_prefix: str, found: SweepResults) -> Setting | None:
    marks = session.clicked(chart)
    clicked = marks[0].get("customdata") if marks else None
    # A mark stays clicked until the picture changes, and counts once.
    if clicked == session.remembered(f"click {key_prefix}", None):
        return None
    session.remember(f"click {key_prefix}", clicked)
    if (
        not clicked
        or int(clicked[0]) >= len(found.labels)
        or found.labels[int(clicked[0])] != clicked[6]
    ):
        return None
    row = int(clicked[0])
    session.remember(f"clicks {key_prefix}", session.remembered(f"clicks {key_prefix}", 0) + 1)
    return found.analysis.settings[row]


def _pareto(
    key: str,
    found: SweepResults,
    limits: Filtered,
    selected: int,
    pins: tuple[Setting, ...],
    label: str,
) -> None:
    scene = found.analysis
    ties = ties_within(scene, limits.kept)
    kept = np.flatnonzero(limits.kept)
    tied = [int(row) for row, same in zip(kept, ties.tied, strict=True) if same]
    slot = st.container()
    all_bands = st.toggle(
        "Bands for all settings, not only the Pareto front and those you picked",
        **session.lasting(f"all bands {key}"),
    )
    marks = Marks(
        found.judged.status,
        tied,
        selected,
        tuple(scene.settings.index(setting) for setting in pins),
        "all" if all_bands else "some",
    )
    drawn = rows_with_bands(limits, marks, edge(scene, limits))
    chart = Chart(
        finding(scene, limits, max(0, len(tied) - 1), found.equivalent),
        pareto_figure(scene, limits, marks, label),
        whole_table(found, limits, ties),
        tuple(
            text
            for text in (found.equivalent_note, ties.sentence, without_bands(scene, drawn))
            if text
        ),
    )
    with slot:
        _clickable(chart, key)


def _clickable(chart: Chart, key: str) -> None:
    st.markdown(f"**{session.literal(chart.title)}**")
    if chart.figure is not None:
        st.plotly_chart(
            charts.inked(chart.figure),
            key=key,
            config=charts.CONFIG,
            alt=chart.title,
            on_select="rerun",
            selection_mode="points",
        )
    for note in chart.notes:
        st.caption(session.literal(note))
    with st.expander("How to read this picture"):
        st.markdown(READING + MEANING)
    with st.expander("All settings as a table"):
        first = {"Setting": st.column_config.TextColumn(width="large")}
        st.dataframe(chart.table, hide_index=True, alt=chart.title, column_config=first)


def _missing(sweep_state: SweepState, axes: tuple[ParetoAxis, ParetoAxis]) -> None:
    table = missing_table(sweep_state, axes)
    if not len(table):
        return
    with st.expander(f"What has no figure, and why: {len(table)} reasons"):
        st.dataframe(table, hide_index=True, alt="What has no figure, and why")
        st.caption("Runs, or combinations of choices, are counted by reason; none is dropped.")
