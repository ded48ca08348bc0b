"""See for which subgroup decisions differ most surely from everyone else's."""

from dataclasses import replace

import streamlit as st

from components.app import audit_head, session, steps
from components.app.progress import follow
from components.app.shown_results import mark_shown
from components.fairness import subgroup_view
from components.widgets import charts
from components.widgets.coverage_label import coverage_label
from components.widgets.judged_columns import assigned_columns, judged, rates
from components.widgets.pickers import pick_metric
from core.fairness.disparities.subgroups import search_subgroups
from core.fairness.metrics.metric_titles import titles_for

audit_head.heading("subgroups")
state = session.require()
trained = session.require_decisions(state)
dataset = session.dataset(state)
coverage_label("subgroups", state, shown=False)
key_prefix = f"{state.id} subgroups {session.decisions_key(state)}"
rows = judged(dataset, trained, assigned_columns(dataset))
title, sentence = titles_for(dataset.decision_labels)
metric = pick_metric(key_prefix, rates(rows.target), title=title, sentence=sentence)
offered = list(rows.columns)
columns = st.multiselect(
    "Search among", offered, default=offered[:6], **session.lasting(f"{key_prefix} columns")
)
depth = st.segmented_control(
    "Conditions at once", [1, 2, 3], default=2, **session.lasting(f"{key_prefix} depth")
)
if not columns or not depth:
    st.info("Choose at least one column, and how many conditions to combine.")
    st.stop()
mark_shown(state)
found = follow(
    search_subgroups(
        rows.target, rows.decisions, rows.columns[columns], metric,
        weights=rows.weights, persons=rows.persons, depth=depth,
    ),
    "Searching subgroups",
    f"{key_prefix} {metric} {columns} {depth}",
)  # fmt: skip
if found is None:
    st.stop()
found = replace(found, called=title(metric))
charts.show(subgroup_view.subgroup_chart(found), f"{key_prefix} chart")
st.caption(session.literal(subgroup_view.price(found)))
steps.next_step("subgroups", state)
