"""Choose a learner and a mitigation, and train."""

import streamlit as st

from components.app import audit_head, other_tabs, results, session, steps
from components.tradeoffs.operating_point_view import offer
from components.train.effect_view import effect_view, randomisation_view
from components.train.training_form import training_form
from components.widgets.constant_note import constant_note
from components.widgets.coverage_label import coverage_label, coverage_note
from components.widgets.performance_table import (
    describe_model,
    meanings,
    performance_table,
    result_in_short,
)
from components.widgets.spending import finish_unfinished, training_agreed
from core.audit_state import audit_models
from core.errors import InputError
from core.fairness.metrics.constant_decisions import constant_decisions
from core.learning.learners import LEARNERS
from core.training.fit import mitigated_column
from core.training.privacy_guarantee import guarantee_of

audit_head.heading("train")
state = session.require_training("train", "there is nothing to train")
dataset = session.dataset(state)
st.caption(
    f"Of {len(dataset):,} rows, about 60% train the model, 20% (validation) set thresholds "
    "where a mitigation needs them, and 20% (test) stay untouched until they judge it."
)
coverage_note("row_counts", state)
coverage_note("settings", state)
offered = offer(state, dataset)
spec = training_form(state)
# Above the button, so that what came of the training is in view wherever the page stands.
outcome = st.container()
agreed = training_agreed(state, dataset, spec, f"spend {state.id}")
if spec is not None and not (st.button("Train", type="primary", disabled=not agreed) and agreed):
    spec = None
spec = finish_unfinished(state, dataset) or offered or spec
if spec is not None:
    try:
        with st.spinner(f"Training: {LEARNERS[spec.learner].title}", show_time=True):
            audit_models.train_audited_model(
                session.workspace(), other_tabs.as_shown(state), dataset, spec
            )
        other_tabs.saw(training=spec)
    except InputError as error:
        session.shown_error(error)
        if session.trained(state) is not None:
            st.caption("The model below is the audited one all the same.")
    else:
        st.rerun()

trained = session.trained(state)
if trained is None:
    session.shown_unopened(state)
    st.stop()
outcome.success(session.literal(result_in_short(trained)), icon=":material/check_circle:")
st.header("The audited model")
st.markdown(session.literal(describe_model(trained)))
for repair in trained.repairs:
    st.caption(session.literal(f"{repair.count:,} rows left out: {repair.what}"))
if (trained.cost is not None) != (state.budget is not None):
    st.warning(
        "This model was trained before the privacy budget was changed, and keeps to what it was "
        "trained under. Train again for the audit to follow the budget."
    )
st.header("Performance on test rows")
coverage_label("performance", state)
st.caption(
    f"{trained.performance.count:,} rows the model never saw; in brackets 95% intervals, the "
    "range that would hold the true figure in 95 of 100 repetitions. Always deciding for the more "
    f"frequent label would reach an accuracy of {trained.performance.majority_class_accuracy:.3f}."
)
st.dataframe(performance_table(trained), hide_index=True, width="stretch")
with st.expander("What these figures mean"):
    st.markdown("\n".join(f"- {session.literal(text)}" for text in meanings(trained)))
constant_note(constant_decisions(trained.decisions))
changed, drawn = results.effect(state), results.randomisation(state)
if changed is not None:
    effect_view(changed, trained, drawn, session.dataset(state).decision_labels)
if drawn is not None:
    randomisation_view(drawn, mitigated_column(session.dataset(state), trained.spec))
guarantee = guarantee_of(trained)
st.header("Privacy")
st.markdown(session.literal(guarantee.statement))
if guarantee.epsilon is not None:
    with st.expander("What the guarantee covers, and what it leaves out"):
        st.markdown("Covered:\n" + "\n".join(f"- {session.literal(s)}" for s in guarantee.covers))
        st.markdown(
            "Not covered:\n" + "\n".join(f"- {session.literal(s)}" for s in guarantee.leaves_out)
        )
steps.next_step("train", state)
