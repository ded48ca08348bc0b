"""Train a model, or bring one that was made elsewhere."""

import streamlit as st

from components.app import audit_head, brought, results, session, steps
from components.tradeoffs.operating_point_view import offer
from components.train.bring_view import bring_view
from components.train.effect_view import effect_view, randomisation_view
from components.train.model_way import BRING, decides, only_outcomes, pick_way
from components.train.train_view import train_view
from components.widgets.constant_note import constant_note
from components.widgets.coverage_label import coverage_label
from components.widgets.performance_table import (
    describe_model,
    meanings,
    performance_table,
    result_in_short,
)
from core.fairness.metrics.constant_decisions import constant_decisions
from core.training.fit import mitigated_column
from core.training.privacy_guarantee import guarantee_of
from core.training.rows_told import judging_rows, never_saw

audit_head.heading("train")
state = session.require(roles=False)
if not decides(state):
    only_outcomes(state)
dataset = session.dataset(state)
# A choice made on another page is trained whatever stands here.
offered = offer(state, dataset)
way = pick_way(state)
outcome = bring_view(state) if way == BRING else train_view(state, dataset, offered)

trained = session.trained(state)
if trained is None:
    session.shown_unopened(state)
    st.stop()
outcome.success(session.literal(result_in_short(trained)), icon=":material/check_circle:")
st.header("The audited model")
st.markdown(session.literal(describe_model(trained)))
fit = brought.audited_fit(state)
for note in () if fit is None else fit.decision_notes:
    st.caption(session.literal(note))
for repair in trained.repairs:
    st.caption(session.literal(f"{repair.count:,} rows left out: {repair.what}"))
if trained.spec.external is None and (trained.cost is not None) != (state.budget is not None):
    st.warning(
        "This model was trained before the privacy budget was changed, and keeps to what it was "
        "trained under. Train again for the audit to follow the budget."
    )
st.header(f"Performance on {judging_rows(trained.spec)}")
coverage_label("performance", state)
st.caption(
    f"{trained.performance.count:,} rows, {never_saw(trained.spec)}; in brackets 95% "
    "intervals, the range that would hold the true figure in 95 of 100 repetitions. Always "
    "deciding for the more frequent label would reach an accuracy of "
    f"{trained.performance.majority_class_accuracy:.3f}."
)
st.dataframe(performance_table(trained), hide_index=True, width="stretch")
with st.expander("What these figures mean"):
    st.markdown("\n".join(f"- {session.literal(text)}" for text in meanings(trained)))
called = session.dataset(state).decision_labels
constant_note(constant_decisions(trained.decisions), called)
changed, drawn = results.effect(state), results.randomisation(state)
if changed is not None:
    effect_view(changed, trained, drawn, called)
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
