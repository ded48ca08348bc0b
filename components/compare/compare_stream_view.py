"""A model in use: two models compared person by person as outcomes come in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.app.shown_results import mark_shown
from components.compare.path_chart import path_chart
from components.compare.stream_form import stream_form, stream_table
from components.widgets import charts
from core.comparison.monitoring.sequential import watch_arms, watch_paired
from core.comparison.monitoring.sequential_gap import watch_gap
from core.data.roles.stream_rows import stream_rows

if TYPE_CHECKING:
    import pandas as pd

    from components.compare.stream_form import Asked
    from core.audit_state.state import AuditState
    from core.comparison.monitoring.sequential_test import SequentialTest


def stream_part(state: AuditState) -> None:
    """Show the whole part on a page."""
    st.markdown(
        "Outcomes come in one by one while a model is in use. **One may look whenever one likes**, "
        "and stop for any reason: the band holds the true difference at all moments together, "
        "which an ordinary interval, looked at again and again, does not."
    )
    key_prefix = f"{state.id} arrivals"
    frame = stream_table(key_prefix)
    if frame is None:
        return
    asked = stream_form(frame, key_prefix)
    if asked is None:
        return
    mark_shown(state)
    found = _sequential_test(frame, asked)
    st.markdown(session.literal(found.sentence()))
    charts.show(path_chart(found), f"{key_prefix} path")
    if found.path:
        st.caption(_evidence(found))
    if found.left_out:
        st.caption(f"{found.left_out:,} people whom this figure or group is not about are not in.")
    st.caption(
        "All this takes chances to stay the same over time, and outcomes not to come earlier for "
        "some than for others." + _assumed(found)
    )


def _evidence(found: SequentialTest) -> str:
    """Explain the e-value."""
    last, bar = found.path[-1], 1 / (1 - found.level)
    low, high = found.allowed
    if low < high:
        fit = "a gap above the limit than one that is not"
    elif low:
        fit = "another gap than the one before"
    else:
        fit = "some difference than none"
    return (
        f"The **e-value** says how many times better the outcomes fit {fit}: "
        f"{_times(last.log_e)} now, {_times(-math.log(last.p_value))} at its largest. Were that "
        f"not so, it would ever reach {bar:.3g} in at most 1 of {bar:.3g} cases, so it is decided "
        "there."
    )


def _times(log_e: float) -> str:
    if log_e > math.log(1e6):
        return "over 1,000,000"
    value = math.exp(log_e)
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value >= 0.01 else "under 0.01"


def _assumed(found: SequentialTest) -> str:
    if found.groups:
        return (
            " A gap says nothing of its cause; that a gap changed slowly may go unnoticed, as the "
            "band is of all people so far."
        )
    if found.paired:
        return (
            " Where both decide on everybody, the test can decide a little before the band leaves "
            "out 0."
        )
    return " Who got which model must have been left to chance."


def _sequential_test(frame: pd.DataFrame, asked: Asked) -> SequentialTest:
    rows = stream_rows(frame, asked.columns)
    for repair in rows.repairs:
        text = f"column {repair.column}: {repair.count:,} rows without a value are left out"
        st.caption(session.literal(text))
    if rows.second is not None:
        names = (asked.columns.decision, str(asked.columns.second))
        return watch_paired(
            rows.outcomes, rows.decisions, rows.second, figure=asked.figure,
            groups=rows.groups, group=asked.group, names=names,
        )  # fmt: skip
    if asked.gap is not None and asked.arms is not None:
        return watch_gap(
            rows.outcomes, rows.decisions, rows.arms, asked.arms, figure=asked.figure,
            limit=asked.gap.limit, before=asked.gap.before,
        )  # fmt: skip
    return watch_arms(
        rows.outcomes, rows.decisions, rows.arms, pair=asked.arms, figure=asked.figure,
        groups=rows.groups, group=asked.group,
    )  # fmt: skip
