"""Where decisions come from: a model trained here, one made elsewhere, or a column of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps

if TYPE_CHECKING:
    from core.audit_state.state import AuditState

TRAIN, BRING, DECISIONS = "Train here", "Bring a model", "Decisions only"


def pick_way(state: AuditState) -> str:
    """Ask where decisions come from; the page ends where they stand in a column."""
    external = state.training is not None and state.training.external is not None
    way: str | None = st.segmented_control(
        "Where do decisions come from?",
        (TRAIN, BRING, DECISIONS),
        default=BRING if external else TRAIN,
        required=True,
        help="Train a model on this table; bring the file of one that was made elsewhere; or "
        "audit decisions that stand in a column, without asking a model.",
        **session.lasting(f"model way {state.id}"),
    )
    if way == DECISIONS:
        st.info(
            "Decisions or scores that stand in a column are named on the roles page, under "
            "“What the table holds”. Without a model nothing can be explained or tried out."
        )
        steps.link("roles", "Name the column on the roles page", state.id)
        st.stop()
    return way or TRAIN
