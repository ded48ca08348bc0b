"""See for which subgroup decisions differ most surely from everyone else's."""

import streamlit as st

from components.app import session, steps
from components.app.progress import follow
from components.fairness import subgroup_view
from components.widgets import charts
from components.widgets.coverage_label import coverage_label
from components.widgets.judged_columns import rates
from core.fairness.metrics.metrics import METRICS

steps.heading("subgroups")
state = session.require()
trained = session.require_decisions(state)
dataset = session.dataset(state)
coverage_label("subgroups", state)
place = f"{state.id} subgroups {session.decisions_key(state)}"
rows = subgroup_view.judged_rows(dataset, trained)
metric = st.selectbox(
    "Metric",
    rates(rows.target),
    format_func=lambda name: METRICS[name].title,
    key=f"{place} metric",
    persist_state="session",
)
st.caption(session.literal(METRICS[metric].sentence))
offered = rows.names
columns = st.multiselect(
    "Search among",
    offered,
    default=offered[:6],
    key=f"{place} columns",
    persist_state="session",
)
depth = st.segmented_control(
    "Conditions at once", [1, 2, 3], default=2, key=f"{place} depth", persist_state="session"
)
if not columns or not depth:
    st.info("Choose at least one column, and how many conditions to combine.")
    st.stop()
found = follow(
    rows.search(metric, columns, depth),
    "Searching subgroups",
    f"{place} {metric} {columns} {depth}",
)
if found is None:
    st.stop()
charts.show(subgroup_view.subgroup_chart(found), f"{place} chart")
st.caption(session.literal(subgroup_view.price(found)))
steps.next_step("subgroups", state)
