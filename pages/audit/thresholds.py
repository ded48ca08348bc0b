"""See what would change if the threshold moved."""

from functools import partial

import streamlit as st

from components.app import audit_head, results, session, steps
from components.fairness import threshold_form, threshold_view
from components.fairness.threshold_charts import curves
from components.widgets import charts, constant_note, verdict
from components.widgets.coverage_label import coverage_label
from components.widgets.pickers import pick_groups, pick_metric
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import sentence_in, title_in
from core.fairness.what_if.thresholds import CURVES, assess_at, at_thresholds, cost
from core.training.rows_told import judging_rows

audit_head.heading("thresholds")
state = session.require()
roles = session.roles_of(state)
trained = session.require_decisions(state)
lacking = threshold_view.lacking(roles) if trained is None else None
if lacking is not None:
    st.info(lacking[0])
    steps.link("roles", lacking[1], state.id)
    steps.next_step("thresholds", state)
    st.stop()
if trained is not None and isinstance(trained.outcome_scores, str):
    named = session.dataset(state).decision_labels.told(True)
    st.info(
        "This model is randomised between several models: its scores are chances of being drawn "
        f"for “{session.literal(named)}”, and a threshold on them would decide nothing that it "
        "does. Choose another mitigation to look at thresholds."
    )
    steps.link("train", "Choose another mitigation", state.id)
    steps.next_step("thresholds", state)
    st.stop()
key_prefix = f"{state.id} thresholds {roles.sensitive}"
combination = pick_groups(key_prefix, roles.sensitive)
found = results.what_if(state, combination)
now = results.assessments(state, [combination])[combination]

# Another model or other roles have other scores: their thresholds are chosen anew.
key_prefix = f"{key_prefix} {combination} {session.decisions_key(state)}"
chosen = threshold_form.thresholds(found, key_prefix)
st.caption(
    "The decision is positive where the score is at least the threshold. "
    + (
        f"Now it is {found.current:g} for all."
        if found.current is not None
        else "Today's decisions stand beside the scores; the slider begins where as many would be "
        "positive."
    )
)
negative = session.dataset(state).negative_labels
called = session.dataset(state).decision_labels
moved = assess_at(found.cube, chosen, positive_is_favourable=roles.positive_is_favourable)
outcomes = (found.now, at_thresholds(found.cube, chosen))
costs = None
if found.cube.has_outcome:
    prices = threshold_form.costs(key_prefix)
    costs = (cost(outcomes[0], *prices), cost(outcomes[1], *prices))
both = (now, moved)
st.info(
    session.literal(
        threshold_view.describe_thresholds(both, outcomes, costs, f"“{called.told(True)}”")
    ),
    icon=":material/tune:",
)
constant_note.constant_note(constant_note.of_assessment(moved), called)
st.caption(session.literal(verdict.positive_decision(roles, negative)))
rows = "the audited rows" if trained is None else f"the {judging_rows(trained.spec)}"
st.warning(
    f"This is exploration on {rows}. A threshold chosen because it looks best here will look "
    "better than it is: choose it on validation data, and judge it on rows that took no part."
)
coverage_label("thresholds", state)
offered = [m for m in CURVES if found.cube.has_outcome or not METRICS[m].needs_outcome]
metric = pick_metric(
    key_prefix,
    offered,
    title=partial(title_in, now),
    sentence=partial(sentence_in, now),
)
small = {group.label for group in now.groups if not group.is_judged_by(metric)}
charts.show(curves(found, chosen, metric, small, title_in(now, metric)), f"{key_prefix} chart")
st.header("Each group, now and moved")
threshold_view.groups(both, chosen, costs)
st.header("How far apart the groups are")
threshold_view.gaps(both)
steps.next_step("thresholds", state)
