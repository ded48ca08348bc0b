"""See what privacy costs each group."""

import streamlit as st

from components.app import audit_head, session, steps
from components.app.shown_results import mark_shown
from components.price import price_view
from components.widgets.coverage_label import coverage_label
from core.audit_state.results.simulation_results import load_price
from core.tradeoff.price.price import LABEL, models

audit_head.heading("price")
state = session.require_trainable("price", "there is no model to train with privacy")
dataset = session.dataset(state)
st.markdown(
    "Privacy is bought with noise, and a group of few people has fewer rows to drown the noise in. "
    "Here a private model is trained again and again on the same rows with other noise, and each "
    "group's figures are held against those of a model without privacy. **ε** is the privacy "
    "budget: the smaller, the more private."
)
st.info(LABEL, icon=":material/science:")
if state.domains is None:
    st.info(
        "A simulation needs declared bounds and categories of every column, and this audit has "
        "none. They are declared where the privacy budget is set."
    )
    steps.link("budget", "Declare bounds and categories", state.id)
    st.stop()
spec = price_view.price_form(state, state.domains)
measure = price_view.measure_picker(state)
kept = load_price(session.workspace(), state, dataset, spec)
total = len(models(spec))
todo = total - len(kept)
st.caption(
    f"{total} models: one without privacy, and {spec.draws} draws of noise at each ε and with next "
    f"to none. Trained already: {len(kept)}. δ, the probability with which the guarantee "
    f"would be allowed to fail, is {spec.delta:.6f}."
)
controls, results = st.container(), st.empty()
with controls:
    label = f"{'Go on' if kept else 'Start'}: train {todo} {'more ' if kept else ''}"
    label += "model" if todo == 1 else "models"
    if todo and st.button(label, type="primary", icon=":material/play_arrow:", key="start price"):
        mark_shown(state)
        price_view.run(state, dataset, spec, kept, total, measure, results)
        st.rerun()
if kept:
    price_view.picture(kept, dataset, spec, measure, results)
else:
    st.caption("Nothing has been trained for these settings yet.")
coverage_label("tradeoffs", state, shown=bool(kept))
steps.next_step("price", state)
