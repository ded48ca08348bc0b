"""Tables that share rows with the open one: what was spent there, and which ledger is charged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps
from core.audit_state import audit_ledger

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.ledger.near import Near

APART = "Keep a budget of its own, for a reason that is kept"


def near_ledgers(state: AuditState) -> None:
    """Tell which ledgers were charged for some of the same rows, and let a person choose."""
    workspace = session.workspace()
    with st.spinner("Comparing these rows with those that were spent on before"):
        near = audit_ledger.near(workspace, state)
    elsewhere = audit_ledger.charged_elsewhere(workspace, state)
    if elsewhere is not None:
        st.info(
            f"Charges go to the ledger of “{session.literal(elsewhere)}”, a table with mostly the "
            "same rows.",
            icon=":material/link:",
        )
    for item in near:
        (st.warning if item.asks else st.info)(f"{session.literal(item.sentence)}.")
    for reason in audit_ledger.reasons_apart(workspace, state):
        st.caption(f"A budget of its own all the same: {session.literal(reason)}")
    waiting = audit_ledger.undecided(workspace, state)
    if waiting:
        _choice(state, waiting)


def undecided_note(state: AuditState) -> bool:
    """Say that a choice is waiting, if there is one; return whether it is."""
    waiting = audit_ledger.undecided(session.workspace(), state)
    if waiting:
        st.warning(
            f"{session.literal(waiting[0].sentence)}. Nothing is charged before you have chosen "
            "which ledger is."
        )
        steps.link("budget", "Choose on the budget page", state.id)
    return bool(waiting)


def _choice(state: AuditState, waiting: tuple[Near, ...]) -> None:
    by_text = {f"Charge the ledger of “{item.name}” ({item.data[:12]})": item for item in waiting}
    chosen = st.radio(
        "Which ledger is charged for these rows?",
        [*by_text, APART],
        index=None,
        key=f"near choice {state.id}",
        help="What becomes known about the same people adds up, whichever table they stand in. "
        "Nothing is charged before you have chosen, and the choice stays.",
    )
    reason = ""
    if chosen == APART:
        reason = st.text_input(
            "Why more may be known about these people", max_chars=300, key=f"near why {state.id}"
        )
    if chosen is not None and st.button("Save this choice", key=f"near save {state.id}"):
        with session.refusal_shown():
            if chosen == APART:
                audit_ledger.keep_apart(session.workspace(), state, reason)
            else:
                audit_ledger.charge_to(session.workspace(), state, by_text[chosen].data)
            st.rerun()
