"""Choose a learner and a mitigation, and train."""

import streamlit as st

from components import session, steps
from components.performance_table import performance_table
from components.training_form import training_form
from core.errors import InputError
from core.governance import progress as audits
from core.privacy.promise import promise_of

steps.heading("train")
progress = session.require_training("train", "there is nothing to train")
dataset = session.dataset(progress)
st.caption(
    f"Of {len(dataset):,} rows, 60 % train the model, 20 % (validation) set thresholds where a "
    "mitigation needs them, and 20 % (test) stay untouched until they judge it."
)
spec = training_form(progress)
if spec is not None and st.button("Train", type="primary"):
    with st.status(f"Training {spec.learner} …", expanded=True) as status:
        try:
            audits.train_and_keep(session.workspace(), progress, dataset, spec)
        except InputError as error:
            status.update(label="Nothing was trained", state="error")
            session.shown_error(error)
        else:
            st.rerun()

trained = session.trained(progress)
if trained is None:
    st.stop()
st.subheader("Performance on test rows")
st.caption(
    f"{trained.performance.count:,} rows the model never saw; in brackets 95 % intervals, the "
    "range that would hold the true figure in 95 of 100 repetitions. Always deciding for the more "
    f"frequent label would reach an accuracy of {trained.performance.majority_class_accuracy:.3f}."
)
st.dataframe(performance_table(trained), hide_index=True, width="stretch")
promise = promise_of(trained)
st.subheader("Privacy")
st.markdown(session.literal(promise.statement))
if promise.epsilon is not None:
    with st.expander("What the promise covers, and what it leaves out"):
        st.markdown("Covered:\n" + "\n".join(f"- {session.literal(s)}" for s in promise.covers))
        st.markdown(
            "Not covered:\n" + "\n".join(f"- {session.literal(s)}" for s in promise.leaves_out)
        )
    st.caption("The figures above come from raw test rows and are not covered by the promise.")
steps.next_step("train", progress)
