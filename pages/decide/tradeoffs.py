"""See what accuracy, fairness and privacy cost each other, and choose."""

import streamlit as st

from components import session, steps, sweep_run, sweep_start
from components.sweep_basis import basis_form, swept_rows
from components.sweep_form import sweep_form
from components.sweep_shown import shown
from core.governance.kept_sweeps import SweepPlan, last_plan

steps.heading("tradeoffs")
progress = session.require_training("tradeoffs", "there is no model to train again")
dataset = session.dataset(progress)
st.markdown(
    "Accuracy, fairness and privacy pull at each other. A *sweep* trains the same model under many "
    "settings – learners, privacy budgets **ε**, mitigations and their strengths – so that you see "
    "what each costs before you choose. The smaller ε, the less any one row can change the model, "
    "and the more noise there is."
)
asked = sweep_run.asked_to_run(progress)
if asked is not None:
    # What was on the page before is taken off it while the sweep runs.
    with st.empty().container():
        if sweep_run.run(progress, dataset, *asked):
            st.rerun()
with st.container():
    plan = shown(progress, dataset)
    before = last_plan(session.workspace(), progress, dataset)
    with st.expander("Run your own sweep") if plan else st.container(), session.errors_shown():
        basis = basis_form(progress, len(dataset), before.basis if before else None)
        st.info(session.literal(basis.label), icon=":material/science:")
        like = before.grid if before and before.basis == basis else None
        rows, _ = swept_rows(progress, dataset, basis, "form")
        grid = sweep_form(f"{progress.id} {basis.kind} {basis.sample}", rows, like)
        sweep_start.start(progress, dataset, SweepPlan(grid, basis), plan)
steps.next_step("tradeoffs", progress)
