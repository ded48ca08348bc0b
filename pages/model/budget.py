"""Decide how much the model may reveal about any one person."""

from dataclasses import replace

import streamlit as st

from components import session, steps
from components.domain_form import domain_form, domain_table
from components.ledger_view import ledger_view
from core.errors import InputError
from core.governance import progress as audits
from core.privacy.budget import Budget
from core.privacy.meaning import membership_advantage, posterior

steps.heading("budget")
progress = session.require_training("budget", "nothing is trained, so nothing is spent")
dataset = session.dataset(progress)
st.markdown(
    "**Differential privacy** is a promise that a result would be almost the same without any one "
    "person's row. **ε** (epsilon) says how nearly the same: smaller is more private. **δ** "
    "(delta) is the small chance that the promise fails. The **cap** is what all private training "
    "in this audit may spend together; it is charged before any noise is drawn and refuses more."
)
wanted = st.radio(
    "Should training keep a privacy promise?",
    ["No", "Yes"],
    index=int(progress.budget is not None),
    horizontal=True,
    help="Without one, ordinary learners are used and no promise is made.",
)
charges = audits.charges(session.workspace(), progress)
ledger_view(charges, progress.budget)
if wanted == "No":
    if progress.budget is not None and st.button("Save: no privacy promise", type="primary"):
        audits.save(session.workspace(), replace(progress, budget=None))
        st.rerun()
    steps.next_step("budget", progress)
    st.stop()

left, right = st.columns(2)
cap = progress.budget or Budget(1.0, 1e-6)
epsilon = left.number_input(
    "Cap ε", 0.01, 100.0, cap.epsilon, format="%.2f", help="0.1 is very private, 10 hardly."
)
delta = right.number_input(
    "Cap δ", 0.0, 0.1, cap.delta, format="%.8f", help="Well below one over the number of rows."
)
st.info(
    f"At ε = {epsilon:g}, someone who knows everything but whether one row was in the training "
    f"data, and who gave it even odds, can raise that belief from 50 % to at most "
    f"{100 * posterior(epsilon):.0f} %. No attack can have a true positive rate more than "
    f"{100 * membership_advantage(epsilon, delta):.0f} points above its false positive rate.",
    icon=":material/shield:",
)
if delta and delta * len(dataset) > 0.1:
    st.warning(f"δ should be well below 1 / {len(dataset)} rows = {1 / len(dataset):.1e}.")

st.subheader("Bounds and categories")
how = st.radio(
    "How are bounds and categories known?",
    ["Declared from public knowledge", "Estimated from the data, paid with a tenth of ε"],
    index=int(progress.domains is None),
    help="A private learner must scale its inputs. Reading the range from the data would leak it.",
)
domains = None
problem = None
if how.startswith("Declared"):
    try:
        public = progress.sample.domains if progress.sample else None
        domains = domain_form(dataset, progress.domains or public, progress.id)
    except InputError as error:
        problem = error
if st.button("Save budget", type="primary"):
    try:
        if problem is not None:
            raise problem
        budget = Budget(epsilon, delta).covering(charges)
    except InputError as error:
        session.shown_error(error)
    else:
        audits.save(session.workspace(), replace(progress, budget=budget, domains=domains))
        st.rerun()

if progress.budget is not None:
    if progress.domains is not None:
        with st.expander("Saved bounds and categories"):
            st.dataframe(domain_table(progress.domains), hide_index=True)
    steps.next_step("budget", progress)
