"""See who is treated how, and how sure that is."""

from functools import partial

import streamlit as st

from components.app import audit_head, results, session, steps
from components.fairness import (
    bias_audit_view,
    curve_charts,
    fairness_sections,
    impact_form,
    impact_view,
    reference_view,
)
from components.overview import verdict_view
from components.widgets import charts, constant_note, fairness_view, verdict
from components.widgets.counts_table import counts_section
from components.widgets.coverage_label import coverage_label
from components.widgets.downloads import download_figures
from components.widgets.fairness_charts import metric_by_group
from components.widgets.pickers import pick_groups, pick_metric
from core.audit.verdicts import verdict_on
from core.fairness.assessment.record import to_json
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import sentence_in, title_in

audit_head.heading("fairness")
state = session.require()
roles = session.roles_of(state)
trained = session.require_decisions(state)
key_prefix = f"{state.id} fairness {roles.sensitive}"
whole = verdict_on("fairness", results.overview(state).checks)
verdict_view.concern_box(whole)
combination = pick_groups(key_prefix, roles.sensitive)
found = results.assessments(state, [combination])[combination]

fairness_view.summary(
    found,
    spec=None if trained is None else trained.spec,
    positive_is_favourable=roles.positive_is_favourable,
    clear=whole.level == "nothing found",
)
dataset = session.dataset(state)
constant_note.constant_note(constant_note.of_assessment(found), dataset.decision_labels)
st.caption(session.literal(verdict.positive_decision(roles, dataset.negative_labels)))
coverage_label("fairness", state)

st.header("Who is treated how")
usable = [m.name for m in METRICS if roles.target is not None or not m.needs_outcome]
metric = pick_metric(
    key_prefix, usable, title=partial(title_in, found), sentence=partial(sentence_in, found)
)
charts.show(metric_by_group(found, metric), f"{key_prefix} chart")

st.header("All groups")
fairness_view.groups(found, roles.weight)
st.header("How far apart the groups are")
reference_view.comparisons(found, metric, roles.positive_is_favourable, key_prefix)
st.header("The four-fifths rule")
fairness_view.four_fifths(found)
impact_view.impact_section(found)
impact_form.impact_form(state, found)
if trained is None and dataset.scores is not None:
    st.header("Who scores above the median")
    impact_view.scoring_section(dataset, combination, state.impact)
if roles.target is not None:
    with st.expander("Confusion matrix by group"):
        curve_charts.confusion_section(found, dataset.outcome_labels, dataset.decision_labels)
    if trained is not None or dataset.scores is not None:
        with st.expander("ROC and calibration curves by group"):
            scores = results.what_if(state, combination).cube
            curve_charts.curves_section(scores, found, key_prefix)
with st.expander("Table of New York City's Local Law 144"):
    bias_audit_view.bias_audit_section(state, dataset, trained)
with st.expander("Gap found, none that matters, or not enough evidence?"):
    fairness_sections.verdict_section(found)
with st.expander("How unequally benefits are spread over people (Theil, generalized entropy)"):
    fairness_sections.inequality_section(found)
with st.expander("What can't be had together in this data"):
    fairness_sections.impossibility_section(found)
with st.expander("Counts that may be passed on, small ones hidden"):
    counts_section(found, key_prefix)
with st.expander("Which definition fits this decision?"):
    fairness_sections.guidance_section()
download_figures(to_json(found), "fairness.json")
steps.next_step("fairness", state)
