"""The panel in which a person says what to sweep, and starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.tradeoffs.sweep_basis import basis_form, swept_rows
from components.tradeoffs.sweep_form import sweep_form
from components.tradeoffs.sweep_start import start
from core.audit_state.sweep_plan import SweepPlan
from core.governance.stored_sweeps import last_plan

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset


def panel(state: AuditState, dataset: Dataset, shown: SweepPlan | None) -> None:
    """Show the form: rows, settings, what they come to, and the start.

    Parameters
    ----------
    state : AuditState
    dataset : Dataset
        Of the audit.
    shown : SweepPlan or None
        The sweep that is on the page.

    Raises
    ------
    InputError
        Naming what does not fit.
    """
    before = last_plan(session.workspace(), state, dataset)
    basis = basis_form(state, len(dataset), before.basis if before else None)
    if not dataset.roles.audits_existing_predictions:
        st.info(session.literal(basis.label), icon=":material/science:")
    rows, _ = swept_rows(state, dataset, basis, "form")
    like = before.grid if before and before.basis == basis else None
    grid = sweep_form(f"{state.id} {basis.kind} {basis.sample}", rows, like)
    start(state, dataset, SweepPlan(grid, basis), shown)
