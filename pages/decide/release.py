"""Release figures that anyone may see, under the privacy budget."""

import streamlit as st

from components.app import audit_head, other_tabs, session, steps
from components.budget.ledger_view import ledger_view
from components.release.release_form import release_form
from components.release.release_view import cost_of, preview, release_view
from components.widgets.budget_form import release_cap
from components.widgets.coverage_label import coverage_label
from components.widgets.near_ledgers import near_ledgers
from components.widgets.spending import UNFINISHED
from components.widgets.spending import agreed as spending_agreed
from core.audit_state import audit_ledger
from core.audit_state.results import release_results as kept
from core.errors import InputError

audit_head.heading("release")
state = session.require()
workspace, table, dataset = session.workspace(), session.table(state), session.dataset(state)
trained = session.trained(state)
st.markdown(
    "A **private release** adds noise to counts before anyone sees them, so that they would look "
    "almost the same without any one person's row. What comes out may be published: nothing that "
    "is computed from it later can undo the noise."
)
if dataset.weights is not None:
    st.caption("Every row counts once here: row weights are not used in a private release.")
charges = audit_ledger.charges(workspace, state)
made = kept.list_releases(workspace, state)
# Where nothing is trained here, a release alone spends a budget, and sets its cap.
untrained = (state.roles is not None and state.roles.audits_existing_predictions) or (
    state.training is not None and state.training.external is not None
)
if state.budget is None:
    st.info("No privacy budget is set, so there is nothing that a release could spend.")
    if untrained:
        release_cap(state)
    else:
        steps.link("budget", "Set a privacy budget", state.id)
else:
    near_ledgers(state)
    st.header("Choose")
    try:
        plan = release_form(
            state, dataset, table, kept.relation_of(charges),
            has_decisions=trained is not None or dataset.predictions is not None,
        )  # fmt: skip
    except InputError as error:
        st.info(session.literal(str(error)), icon=":material/edit:")
    else:
        st.header("Before you spend")
        asked = workspace, state, plan, table, dataset, trained
        known, agreed = kept.is_stored(*asked), False
        preview(plan, state)
        if known:
            st.success("Released already: it stands below, and asking again costs nothing.")
        elif kept.is_paid_for(*asked):
            st.info(UNFINISHED, icon=":material/payments:")
            agreed = True
        else:
            agreed = spending_agreed(
                cost_of(plan, charges, state.budget), f"spend release {state.id} {plan.what}"
            )
        pressed = not known and st.button(
            f"Spend ε = {plan.epsilon:g} and release",
            type="primary",
            key="release now",
            disabled=not agreed,
        )
        if pressed and agreed:
            with session.refusal_shown():
                kept.release_and_store(
                    workspace, other_tabs.as_shown(state), plan, table, dataset, trained
                )
                st.rerun()
if made:
    st.header("Released")
    titles = [f"{n}. {item.plan.what}, ε = {item.plan.epsilon:g}" for n, item in enumerate(made, 1)]
    # Keyed by how many there are, so that a new release is the one shown.
    title = st.selectbox("Show", titles[::-1], key=f"release shown {state.id} {len(made)}")
    number = titles.index(title)
    release_view(made[number], state, f"release {number}")
st.header("Ledger")
ledger_view(charges, state.budget)
if untrained and state.budget is not None:
    with st.expander("Raise or lower the cap"):
        release_cap(state)
coverage_label("ledger", state)
steps.next_step("release", state)
