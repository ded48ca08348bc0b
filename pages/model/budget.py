"""Decide how much the model may reveal about any one person."""

import streamlit as st

from components.app import audit_head, other_tabs, session, steps
from components.budget.budget_meaning import attacker, panels
from components.budget.ledger_view import ledger_view
from components.widgets.budget_form import cap_form, reason_form
from components.widgets.domain_form import domain_form, domain_table
from components.widgets.near_ledgers import near_ledgers
from core.audit_state import audit_ledger
from core.errors import InputError
from core.privacy.accounting.budget import Budget

audit_head.heading("budget")
state = session.require_training(
    "budget",
    "nothing is trained, so training spends nothing; a private release has its cap on its page",
)
if state.training is not None and state.training.external is not None:
    st.info(
        "The audited model was made elsewhere, so no budget bounds what it reveals. A cap set "
        "here bounds private releases, and models that are trained here."
    )
dataset = session.dataset(state)
st.markdown(
    "**Differential privacy** is a guarantee that a result would be almost the same without any "
    "one person's row. **ε** (epsilon) says how nearly the same: smaller is more private. **δ** "
    "(delta) is the small chance that the guarantee fails. The **cap** is what all private results "
    "of this data set may spend together, in every audit of it; it is debited before noise is "
    "added; requests beyond it are refused."
)
wanted = st.radio(
    "Should training give a privacy guarantee?",
    ["No", "Yes"],
    index=int(state.budget is not None),
    horizontal=True,
    help="Without one, ordinary models are used and no guarantee is given.",
)
charges = audit_ledger.charges(session.workspace(), state)
ledger_view(charges, state.budget, state.id)
st.caption(
    "The ledger is sealed and kept twice, so that a line that is changed or missing is noticed and "
    "nothing is spent until it is put right. Who owns this machine and its backups can still put "
    "the whole workspace back to an earlier day, or copy it elsewhere: no file in it could tell."
)
if wanted == "No":
    if state.budget is not None and st.button("Save: no privacy guarantee", type="primary"):
        with session.refusal_shown():
            audit_ledger.set_budget(session.workspace(), other_tabs.as_shown(state), None)
            other_tabs.saw(budget=None)
            st.rerun()
    steps.next_step("budget", state)
    st.stop()

near_ledgers(state)
known = audit_ledger.cap_of(session.workspace(), state)
public = state.sample.domains if state.sample else None
epsilon, delta, composition = cap_form(state, known, len(dataset))
attacker(epsilon, delta)
panels(dataset, state.domains or public, epsilon, state.id)

st.header("Bounds and categories")
how = st.radio(
    "How are bounds and categories known?",
    ["Declared from public knowledge", "Estimated from the data, paid with a tenth of ε"],
    index=int(state.domains is None),
    help="A private model must scale its inputs. Reading the range from the data would leak it.",
)
domains = None
problem = None
if how.startswith("Declared"):
    try:
        domains = domain_form(dataset, state.domains or public, state.id)
    except InputError as error:
        problem = error
try:
    asked = Budget(epsilon, delta, composition)
    reason = reason_form(state, asked)
except InputError as error:
    problem, reason = error, ""
if st.button("Save budget", type="primary"):
    with session.refusal_shown():
        if problem is not None:
            raise problem
        audit_ledger.set_budget(
            session.workspace(), other_tabs.as_shown(state), asked, domains, reason=reason
        )
        other_tabs.saw(budget=asked, domains=domains)
        st.rerun()

if state.budget is not None:
    if state.domains is not None:
        with st.expander("Saved bounds and categories"):
            st.dataframe(domain_table(state.domains), hide_index=True)
    steps.next_step("budget", state)
