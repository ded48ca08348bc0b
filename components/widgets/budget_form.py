"""The form of a privacy budget: cap, how releases add up, and why a cap is raised."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app import other_tabs, session
from core.audit_state.audit_ledger import cap_of, needs_reason, set_budget
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


def release_cap(state: AuditState) -> None:
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
        **session.lasting(f"release cap {state.id} {cap.epsilon!r}"),
        help="0.1 is very private, 10 hardly.",
    )  # fmt: skip
    asked = replace(cap, epsilon=epsilon)
    reason = reason_form(state, asked)
    if st.button("Set this cap", type="primary", key="set cap"):
        with session.refusal_shown():
            seen = other_tabs.as_shown(state)
            set_budget(session.workspace(), seen, asked, seen.domains, reason=reason)
            other_tabs.saw(budget=asked)
            st.rerun()
