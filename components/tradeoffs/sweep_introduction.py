"""What a sweep is, for an audit that trains models and for one of existing scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps
from core.errors import InputError
from core.learning.given_score import scale_of

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset


def introduction(state: AuditState, dataset: Dataset) -> None:
    """Say what a sweep does here; end the page where there is nothing that could be swept."""
    if not dataset.roles.audits_existing_predictions:
        st.markdown(
            "Accuracy, fairness and privacy pull at each other. A *sweep* trains models under "
            "many settings – kinds of model, privacy budgets **ε**, mitigations and their "
            "strengths – so that you see what each costs before you choose. The smaller ε, the "
            "less any one row can change the model, and the more noise there is."
        )
        return
    try:
        scale_of(dataset)
    except InputError as error:
        st.info(session.literal(f"These decisions can't be traded off, because {error.problem}."))
        if error.remedy:
            st.caption(session.literal(f"{error.remedy}."))
        steps.link("roles", "Change the roles", state.id)
        steps.next_step("tradeoffs", state)
        st.stop()
    st.markdown(
        "Accuracy and fairness pull at each other. This audit looks at a score that exists "
        "already, so a *sweep* trains nothing: it tries many ways to decide by that score – "
        "thresholds of each group, and how far they go – so that you see what each costs before "
        "you choose. What the score gives away of the people it was made from can't be told here."
    )
