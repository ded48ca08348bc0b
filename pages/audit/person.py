"""See one person's decision in plain words: why, how sure, and what would change it."""

import streamlit as st

from components.app import asking, audit_head, session, steps
from components.app.progress import follow
from components.explanation import person_view
from components.explanation.person_notice import notice_form
from components.widgets.coverage_label import coverage_label
from components.widgets.person_choice import person_choice
from core.audit_state.results.model_results import (
    load_or_explain_person,
    load_or_find_counterfactuals,
    load_or_refit,
    load_refits,
)
from core.explanation.counterfactual.actionability import default_spec
from core.explanation.person.decision_stability import REFITS, decision_stability, threshold_of
from core.explanation.person.person import person_story
from core.explanation.person.person_changes import describe_changes
from core.explanation.person.person_texts import describe_stability
from core.learning.learners import LEARNERS

audit_head.heading("person")
state = session.require_training("person", "no model was trained that could be asked")
trained = session.require_model(state)
dataset, workspace = session.dataset(state), session.workspace()
coverage_label("person", state)
key_prefix = f"{state.id} person {session.decisions_key(state)}"
position = person_choice(dataset, trained, key_prefix)

explained = asking.compute(
    state,
    lambda place: load_or_explain_person(place, state, dataset, trained, position),
    "Explaining this person",
    f"explained {state.id} {session.decisions_key(state)} {position}",
)
if explained is None:
    steps.next_step("person", state)
    st.stop()
story = person_story(dataset, trained, position, explained)
person_view.show_decision(story, threshold_of(dataset, trained, position))
person_view.show_reasons(story)
with st.expander("These reasons as a table"):
    st.dataframe(person_view.reasons_table(story), hide_index=True, alt="Reasons with codes")

st.markdown("### Decision stability")
refits = load_refits(workspace, state, trained)
if len(refits) < REFITS and session.remembered(f"{key_prefix} refits", False):
    refits = (
        follow(
            load_or_refit(workspace, state, dataset, trained),
            f"Training {REFITS} models again",
            f"{key_prefix} refits",
        )
        or refits
    )
sureness = decision_stability(dataset, trained, position, refits)
person_view.show_stability(sureness)
if LEARNERS[trained.spec.learner].fixed:
    st.caption(session.literal(describe_stability(sureness)))
elif len(refits) < REFITS and not session.remembered(f"{key_prefix} refits", False):
    st.caption(
        f"To see whether the decision hangs on who happened to be in the training data, {REFITS} "
        "models can be trained again. They are kept, and serve for everyone else too."
    )
    st.button(
        "Train them", icon=":material/replay:", key=f"{key_prefix} train again",
        on_click=session.remember, args=(f"{key_prefix} refits", True),
    )  # fmt: skip

st.markdown("### What would change it")
changes = asking.compute(
    state,
    lambda place: load_or_find_counterfactuals(
        place, state, dataset, trained, position, default_spec(dataset)
    ),
    "Looking for the smallest changes that flip the decision",
    f"{key_prefix} changes {position}",
)
if changes is not None:
    person_view.show_changes(describe_changes(changes, dataset.dates), story)
    notice_form(dataset, trained, story, sureness, changes, key_prefix)
steps.next_step("person", state)
