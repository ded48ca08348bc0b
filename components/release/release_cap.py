"""The cap of a data set whose existing predictions are audited: no other page asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets.budget_form import reason_form
from core.audit_state.audit_ledger import cap_of, set_budget
from core.errors import InputError
from core.privacy.accounting.budget import Budget

if TYPE_CHECKING:
    from core.audit_state.state import AuditState


def cap_form(state: AuditState) -> None:
    """Set the cap, raise or lower it; one that another audit of this data has set is preset."""
    known = cap_of(session.workspace(), state)
    cap = known or Budget(1.0)
    st.caption(
        "The **cap** is what all private results of this data set may spend together. It is "
        "debited before noise is added; requests beyond it are refused."
    )
    if known is not None:
        st.caption(
            f"In force: ε = {known.epsilon:g}, δ = {known.delta:g}. Another one counts in every "
            "audit of this data set."
        )
    epsilon = st.number_input(
        "Cap ε", min(0.01, cap.epsilon), max(100.0, cap.epsilon), cap.epsilon,
        # Keyed by the cap in force, so that a new one is what is preset.
        key=f"release cap {state.id} {cap.epsilon!r}", persist_state="session",
        help="0.1 is very private, 10 hardly.",
    )  # fmt: skip
    asked = replace(cap, epsilon=epsilon)
    reason = reason_form(state, asked)
    if st.button("Set this cap", type="primary", key="set cap"):
        try:
            seen = session.as_shown(state)
            set_budget(session.workspace(), seen, asked, seen.domains, reason=reason)
        except InputError as error:
            session.shown_error(error)
        else:
            session.saw(budget=asked)
            st.rerun()
