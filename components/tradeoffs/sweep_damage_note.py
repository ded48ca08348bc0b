"""What of an audit's last sweep can't be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import results, session
from core.governance.stored_sweeps import last_plan
from core.governance.sweep_damage import sweep_damage

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset


def damage_note(state: AuditState, dataset: Dataset) -> None:
    """Say what is damaged, if anything is."""
    workspace = session.workspace()
    plan, points = last_plan(workspace, state, dataset), results.sweep_points(state)
    for sentence in sweep_damage(workspace, state, dataset, plan, points):
        st.warning(session.literal(sentence))
