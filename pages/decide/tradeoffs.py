"""See what accuracy, fairness and privacy cost each other, and choose."""

import streamlit as st

from components.app import audit_head, session, steps
from components.tradeoffs import operating_point_view, sweep_page, sweep_run

audit_head.heading("tradeoffs")
state = session.require()
dataset = session.dataset(state)
sweep_page.introduction(state, dataset)
sweep_page.damage_note(state, dataset)
asked = sweep_run.asked_to_run(state)
# Each has its own place, so that one is taken off the page while the other is there.
running, rest = (st.empty(), st.container()) if asked is None else (st.container(), st.empty())
if asked is not None:
    with running:
        if sweep_run.run(state, dataset, *asked):
            st.rerun()
    rest = rest.container()
with rest:
    shown = sweep_page.shown_sweep(state, dataset)
    if shown is None:
        operating_point_view.banner(state, dataset)
        with session.errors_shown():
            sweep_page.panel(state, dataset, None)
    else:
        sweep_page.head(state, dataset, shown)
        own = st.expander("Run your own sweep", key=f"own sweep {state.id}")
        with own, session.errors_shown():
            sweep_page.panel(state, dataset, None if shown.shipped else shown.plan)
        sweep_page.show_pareto(state, dataset, shown)
steps.next_step("tradeoffs", state)
