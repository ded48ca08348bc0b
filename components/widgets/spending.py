"""What a run is about to spend and what it leaves, agreed to before it may begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.privacy.guidance.outlook import Outlook
    from core.training.spec import TrainingSpec

UNFINISHED = (
    "This was charged before and did not come to its end. It is finished at that charge, and "
    "nothing more is spent."
)

STOPPED = "This choice was tried before and would stop again, so nothing more is spent:"


def agreed(found: Outlook, key_prefix: str) -> bool:
    """Show what is spent and left, and ask for it; a yes is for these sums only."""
    sentence = session.literal(found.sentence[0].upper() + found.sentence[1:] + ".")
    if not found.fits:
        st.error(
            f"{sentence} Spend less, or raise the cap on the budget page and say why.",
            icon=":material/error:",
        )
        return False
    st.warning(f"{sentence} What is spent is never given back.", icon=":material/payments:")
    delta = f", δ = {found.delta:g}" if found.delta else ""
    asked = f"Spend ε = {found.epsilon:g}{delta} and leave ε = {found.left:.4g}"
    return st.checkbox(session.literal(asked), key=f"{key_prefix} {asked}")


def training_agreed(
    state: AuditState, dataset: Dataset, spec: TrainingSpec | None, key_prefix: str
) -> bool:
    """Ask whether a model may be trained, where that spends privacy; say why not where it can't."""
    from core.audit_state import audit_ledger, audit_models
    from core.errors import InputError
    from core.learning.learners import LEARNERS
    from core.privacy.accounting.payment import is_paid
    from core.privacy.guidance.outlook import outlook
    from core.training.paid_bounds import bounds_first, charges_due, stopped_before
    from core.training.private_fit import plan_of
    from core.training.spec_checks import check_spec

    if spec is None or not LEARNERS[spec.learner].private:
        return True
    workspace = session.workspace()
    if audit_models.is_model_stored(workspace, state, dataset, spec):
        st.caption("This choice is trained already: it is taken from disk and costs nothing.")
        return True
    try:
        check_spec(dataset, spec)
        ledger = audit_ledger.ledger(workspace, state)
        if ledger is None:
            return True
        if is_paid(ledger, plan_of(dataset, spec)):
            st.info(UNFINISHED, icon=":material/payments:")
            return True
        stopped = stopped_before(dataset, spec, ledger)
        if stopped is not None:
            st.info(f"{STOPPED} {session.literal(str(stopped))}", icon=":material/stop_circle:")
            return False
        due = charges_due(dataset, spec, ledger)
        found = outlook(ledger.budget, ledger.charges, *due)
        first = bounds_first(due)
        if found.fits and first:
            st.caption(session.literal(f"{first}."))
        return agreed(found, key_prefix)
    except InputError as error:
        session.shown_error(error)
        return False


def finish_unfinished(state: AuditState, dataset: Dataset) -> TrainingSpec | None:
    """Offer the private training that was paid for and died; return it if it was asked for."""
    from core.audit_state import audit_models
    from core.learning.learners import LEARNERS

    if state.budget is None:
        return None
    spec = audit_models.unfinished_training(session.workspace(), state, dataset)
    if spec is None:
        return None
    with st.container(border=True):
        st.markdown(
            session.literal(
                f"{LEARNERS[spec.learner].title} with ε = {spec.epsilon:g}: {UNFINISHED}"
            )
        )
        pressed = st.button("Finish it", key=f"finish {state.id}")
    return spec if pressed else None
