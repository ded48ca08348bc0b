"""See how far apart groups are among people who are alike in what may justify a difference."""

import pandas as pd
import streamlit as st

from components.app import audit_head, session, steps
from components.app.shown_results import mark_shown
from components.fairness import conditional_parity_view
from components.widgets import charts
from components.widgets.coverage_label import coverage_label
from components.widgets.judged_columns import binned, judged, rates, table_columns
from components.widgets.pickers import pick_metric
from core.fairness.disparities.conditional import conditional_parity
from core.fairness.metrics.metric_titles import titles_for
from core.fairness.what_if.individual import MINIMUM_ROWS

audit_head.heading("conditional_parity")
state = session.require()
trained = session.require_decisions(state)
dataset = session.dataset(state)
rows = judged(dataset, trained, table_columns(session.table(state), dataset))
coverage_label("conditional_parity", state, shown=False)
key_prefix = f"{state.id} conditional_parity"
sensitive = session.roles_of(state).sensitive
attribute = st.selectbox(
    "Compare people by", sensitive, **session.lasting(f"{key_prefix} by {sensitive}")
)
title, sentence = titles_for(dataset.decision_labels)
metric = pick_metric(key_prefix, rates(rows.target), title=title, sentence=sentence)
offered = [name for name in rows.columns if name != attribute]
controls = st.multiselect(
    "Among people alike in",
    offered,
    max_selections=2,
    **session.lasting(f"{key_prefix} controls {attribute} {offered}"),
    placeholder="Choose one or two columns",
)
st.caption(
    "Control features: what may justify a difference in this decision, such as earlier convictions "
    "for bail. Groups are compared within each of its values (a stratum), then over all strata "
    "with everyone's mix (conditional statistical parity). A column that follows from the "
    "attribute, from the decision or from earlier discrimination explains a gap away without "
    "justifying it: which columns are fit is a judgement that no figure can make."
)
if not controls:
    st.info("Choose what people should be alike in.")
    st.stop()
mark_shown(state)
control = pd.DataFrame({name: binned(rows.columns[name], key_prefix) for name in controls})
found = conditional_parity(
    rows.target,
    rows.decisions,
    rows.sensitive[[attribute]],
    control,
    metric,
    weights=rows.weights,
    persons=rows.persons,
    minimum_count=MINIMUM_ROWS,
    title=title(metric),
)
charts.show(conditional_parity_view.strata_chart(found), f"{key_prefix} chart")
st.caption(session.literal(conditional_parity_view.describe_change(found)))
st.header("Every group, given the same mix")
st.dataframe(
    conditional_parity_view.groups_table(found),
    hide_index=True,
    alt="Groups as they are and given the same mix",
)
st.caption(
    "“With everyone's mix”: the group's rate in each stratum, weighted by how many people of all "
    "groups are in it. What then still differs is not explained by the control features. Intervals "
    "of single strata do not hold together over the strata: of twenty, one misses by chance."
)
steps.next_step("conditional_parity", state)
