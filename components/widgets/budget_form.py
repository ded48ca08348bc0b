"""The form of a privacy budget: cap, how releases add up, and why a cap is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from core.audit_state.audit_ledger import needs_reason
from core.privacy.accounting.budget import Budget

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.privacy.accounting.budget import KeptBy

COMPOSITIONS: dict[KeptBy, str] = {
    "basic": "Plainly: every ε counts in full",
    "renyi": "By their squares (Rényi): allows more where there are many small releases",
}


def cap_form(state: AuditState, known: Budget | None, rows: int) -> tuple[float, float, KeptBy]:
    """Ask for ε, δ and how releases add up; the cap of the data set is preset."""
    left, right = st.columns(2)
    cap = state.budget or known or Budget(1.0, 1e-6)
    epsilon = left.number_input(
        "Cap ε", 0.01, 100.0, cap.epsilon, format="%.2f", help="0.1 is very private, 10 hardly."
    )
    delta = right.number_input(
        "Cap δ", 0.0, 0.1, cap.delta, format="%.8f", help="Well below one over the number of rows."
    )
    composition = st.radio(
        "How releases add up",
        list(COMPOSITIONS),
        index=list(COMPOSITIONS).index(cap.composition),
        format_func=COMPOSITIONS.__getitem__,
        horizontal=True,
        help="Squares pay from some thirty equal releases on. They need half of δ set aside.",
    )
    if delta and delta * rows > 0.1:
        st.warning(f"δ should be well below 1 / {rows} rows = {1 / rows:.1e}.")
    return epsilon, delta, composition


def reason_form(state: AuditState, asked: Budget) -> str:
    """Ask why a cap is raised, where something was spent and it is."""
    if not needs_reason(session.workspace(), state, asked):
        return ""
    return st.text_input(
        "Reason for raising the cap",
        max_chars=300,
        help="Kept with the cap: something was spent already, and more may now become known.",
    )
