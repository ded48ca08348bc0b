"""See what drives the scores, and why one person got theirs."""

import streamlit as st

from components.app import asking, audit_head, session, steps
from components.explanation.explanation_charts import importance_chart, person_chart
from components.explanation.global_view import groups_view, proxies_view, rows_view
from components.widgets.charts import show
from components.widgets.coverage_label import coverage_label
from components.widgets.person_choice import person_picker
from core.audit_state.results import model_results as kept
from core.explanation.attribution.contributions import METHOD_SENTENCE, sampled_sentence
from core.explanation.person.decision_stability import threshold_of
from core.explanation.person.person_texts import format_score
from core.training.rows_told import comparison_rows, judging_part, judging_rows

LOG_ODDS = (
    " Log-odds are the score before it is squeezed between 0 and 1: one more multiplies the odds "
    "of the positive label by 2.7."
)

audit_head.heading("explanations")
state = session.require_training("explanations", "no model was trained that could be explained")
trained = session.require_model(state)
dataset, workspace = session.dataset(state), session.workspace()
coverage_label("explanations", state)

st.header("What drives the scores")
st.markdown(
    "**SHAP** shares out the distance between a score and the average score among the features: "
    "each gets what it adds on average, over all orders in which features could become known."
)
explained = kept.load_global_explanation(workspace, state, trained) or asking.follow(
    state,
    lambda place: kept.load_or_explain_globally(place, state, dataset, trained),
    f"Explaining {judging_rows(trained.spec)}",
    f"global {state.id} {session.decisions_key(state)}",
)
if explained is None:
    st.stop()
show(importance_chart(explained), "importance")
st.caption(
    f"{METHOD_SENTENCE[explained.method]}, on the {explained.explains}, over "
    f"{judging_part(explained.rows, len(trained.split.test), trained.spec)} compared with "
    f"{explained.background_rows} {comparison_rows(trained.spec)}; bars "
    "have the 95% range that sampling rows leaves open. The parts add up to the score to within "
    f"{explained.additivity_error:.1e}."
    + LOG_ODDS * (explained.explains == "log-odds")
    + (
        ""
        if explained.sampling_error is None
        else f" Sampling orders adds a standard error of at most {explained.sampling_error:.2g}."
    )
    + sampled_sentence(explained.why_sampled)
)

rows_view(explained, dataset, trained)
groups_view(explained, dataset, trained)
proxies_view(explained, dataset, state)

st.header("Why one person got this score")
position = person_picker(trained, dataset)
person = asking.compute(
    state,
    lambda place: kept.load_or_explain_person(place, state, dataset, trained, position),
    "Explaining this person",
    f"explained {state.id} {session.decisions_key(state)} {position}",
)
if person is None:
    steps.next_step("explanations", state)
    st.stop()
score = format_score(person.score, threshold_of(dataset, trained, position))
st.markdown(
    f"Row {person.row}: score **{score}**, decision "
    f"**{session.literal(dataset.decision_labels.told(person.positive))}**."
)
if abs(person.explained_score - person.score) > 1e-9:
    st.caption(
        "The mitigation looks at this person's group. Explained is the score of the same features "
        f"with the group unknown, {person.explained_score:.3f}."
    )
show(person_chart(person, dataset.dates), "person")
st.markdown(
    "**LIME** asks the same in another way: it draws similar people, scores them, and fits a "
    "simple weighted sum to the scores nearby. Its weights stand beside SHAP's in the table under "
    "the chart. Where SHAP and LIME agree, trust the reason more."
)
st.caption(
    f"LIME: mean of {person.lime.runs} fresh runs of {person.lime.samples} drawn rows, on the "
    "probability; “spread” is the standard deviation between runs. The simple sum explains "
    f"{max(person.lime.fit, 0):.0%} of how scores vary nearby (weighted R²)."
    + (
        f" Missing, taken at the median: {', '.join(person.lime.filled)}."
        if person.lime.filled
        else ""
    )
)
if person.lime.fit < 0.3:
    st.warning("LIME fits the model poorly here; rely on SHAP.")
steps.next_step("explanations", state)
