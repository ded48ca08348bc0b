"""See what privacy costs in accuracy and in fairness."""

import streamlit as st

from components import session, steps, tradeoff_view
from components.sweep_form import DELTA, sweep_form
from core.governance.kept_sweeps import kept_points
from core.tradeoff.sweep import LABEL, training_specs

steps.heading("tradeoffs")
progress = session.require_training("tradeoffs", "there is no model to train with privacy")
dataset = session.dataset(progress)
st.markdown(
    "Privacy is bought with noise; noise can cost accuracy, and it can fall unequally on groups. "
    "Here models are trained again and again under several privacy budgets **ε**: the smaller ε, "
    "the less any one row can change the model, and the more noise there is."
)
st.info(LABEL, icon=":material/science:")
spec = sweep_form(progress)
kept = kept_points(session.workspace(), progress, dataset, spec)
total = len(training_specs(spec))
todo = total - len(kept)
domains = (
    "estimated under the budget, which uses up a part of each ε"
    if progress.domains is None
    else "those declared for this audit"
)
st.caption(
    f"{total} models: each private learner at each ε with each seed, and its like without privacy "
    f"with each seed. Trained already: {len(kept)}. δ, the probability with which the promise "
    f"may fail, is {DELTA:.6f}. Bounds and categories are {domains}."
)
controls, results = st.container(), st.empty()
with controls:
    label = f"{'Go on' if kept else 'Start'}: train {todo} {'more ' if kept else ''}"
    label += "model" if todo == 1 else "models"
    # Its key keeps it the same button when a model is finished between its drawing and a click.
    if todo and st.button(label, type="primary", icon=":material/play_arrow:", key="start sweep"):
        tradeoff_view.run(progress, dataset, spec, kept, total, results)
        st.rerun()
if kept:
    tradeoff_view.panels(kept, spec, results)
else:
    st.caption("Nothing has been trained for these settings yet.")
steps.next_step("tradeoffs", progress)
