"""A model in use: two models compared person by person as outcomes come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import charts, session
from components.arrival_form import arrivals_form, arrivals_table
from components.path_chart import path_chart
from core.comparison.sequential import watch_arms, watch_paired
from core.data.arrival_rows import arrival_rows

if TYPE_CHECKING:
    import pandas as pd

    from components.arrival_form import Asked
    from core.comparison.watched import Watched


def arrivals_part(audit: str) -> None:
    """Show the whole part on a page."""
    st.markdown(
        "Outcomes come in one by one while a model is in use. **One may look whenever one likes**, "
        "and stop for any reason: the band holds the true difference at all moments together, "
        "which an ordinary interval, looked at again and again, does not."
    )
    place = f"{audit} arrivals"
    frame = arrivals_table(place)
    if frame is None:
        return
    asked = arrivals_form(frame, place)
    if asked is None:
        return
    found = _watched(frame, asked)
    st.markdown(session.literal(found.sentence()))
    charts.show(path_chart(found), f"{place} path")
    if found.left_out:
        st.caption(f"{found.left_out:,} people whom this figure or group is not about are not in.")
    st.caption(
        "All this takes chances to stay the same over time, and outcomes not to come earlier for "
        "some than for others."
        + (
            " Where both decide on everybody, the test can decide a little before the band leaves "
            "out 0."
            if found.paired
            else " Who got which model must have been left to chance."
        )
    )


def _watched(frame: pd.DataFrame, asked: Asked) -> Watched:
    rows = arrival_rows(frame, asked.columns)
    for repair in rows.repairs:
        st.caption(session.literal(f"{repair.column}: {repair.what} ({repair.count:,})"))
    if rows.second is not None:
        names = (asked.columns.decision, str(asked.columns.second))
        return watch_paired(
            rows.outcomes, rows.decisions, rows.second, figure=asked.figure,
            groups=rows.groups, group=asked.group, names=names,
        )  # fmt: skip
    return watch_arms(
        rows.outcomes, rows.decisions, rows.arms, pair=asked.arms, figure=asked.figure,
        groups=rows.groups, group=asked.group,
    )  # fmt: skip
