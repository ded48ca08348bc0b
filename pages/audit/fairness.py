"""See who is treated how, and how sure that is."""

import json

import streamlit as st

from components.app import results, session, steps
from components.fairness import curve_charts, fairness_sections, impact_view, reference_view
from components.overview import verdict_view
from components.widgets import charts, constant_note, fairness_view, verdict
from components.widgets.counts_table import counts_section
from components.widgets.coverage_label import coverage_label
from components.widgets.fairness_charts import metric_by_group
from core.audit.verdicts import verdict_on
from core.fairness.assessment.record import to_json
from core.fairness.metrics.metrics import METRICS

steps.heading("fairness")
state = session.require()
roles = session.roles_of(state)
trained = session.require_decisions(state)
place = f"{state.id} fairness {roles.sensitive}"
whole = verdict_on("fairness", results.overview(state).checks)
verdict_view.concern_box(whole)
chosen = st.multiselect(
    "Compare people by",
    roles.sensitive,
    default=roles.sensitive[:1],
    help="Sensitive attributes. With two or more, groups are their combinations: Female · Black.",
    key=f"{place} by",
    persist_state="session",
)
if not chosen:
    st.info("Choose at least one attribute to compare people by.")
    st.stop()
combination = tuple(name for name in roles.sensitive if name in chosen)
found = results.assessments(state, [combination])[combination]

fairness_view.summary(
    found,
    trained=trained is not None,
    positive_is_favourable=roles.positive_is_favourable,
    clear=whole.level == "nothing found",
)
constant_note.constant_note(constant_note.of_assessment(found))
st.caption(session.literal(verdict.positive_decision(roles)))
coverage_label("fairness", state)

st.subheader("Who is treated how")
metric = st.selectbox(
    "Metric",
    [m.name for m in METRICS if roles.target is not None or not m.needs_outcome],
    format_func=lambda name: METRICS[name].title,
    key=f"{place} metric",
    persist_state="session",
)
st.caption(session.literal(METRICS[metric].sentence))
charts.show(metric_by_group(found, metric), f"{place} chart")

st.subheader("All groups")
fairness_view.groups(found, roles.weight)
st.subheader("How far apart the groups are")
reference_view.comparisons(found, metric, roles.positive_is_favourable, place)
st.subheader("The four-fifths rule")
fairness_view.four_fifths(found)
impact_view.impact_section(found, roles.positive_is_favourable)
dataset = session.dataset(state)
if trained is None and dataset.scores is not None:
    st.subheader("Who scores above the median")
    impact_view.scoring_section(dataset, combination)
if roles.target is not None:
    with st.expander("Confusion matrix by group"):
        curve_charts.confusion_section(found, roles.positive_label)
    if trained is not None or dataset.scores is not None:
        with st.expander("ROC and calibration curves by group"):
            scores = results.what_if(state, combination).cube
            curve_charts.curves_section(scores, found, place)
with st.expander("Gap found, none that matters, or not enough evidence?"):
    fairness_sections.verdict_section(found)
with st.expander("How unequally benefits are spread over people (Theil, generalized entropy)"):
    fairness_sections.inequality_section(found)
with st.expander("What can't be had together in this data"):
    fairness_sections.impossibility_section(found)
with st.expander("Counts that may be passed on, small ones hidden"):
    counts_section(found, place)
with st.expander("Which definition fits this decision?"):
    fairness_sections.guidance_section()
st.download_button(
    "Download these figures (JSON)",
    json.dumps(to_json(found), allow_nan=False, ensure_ascii=False, indent=2),
    file_name="fairness.json",
    mime="application/json",
)
steps.next_step("fairness", state)
