"""Where decisions come from: a model trained here, one made elsewhere, or a column of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from components.app import session, steps
from components.train.bring_view import bring_view

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


def decides(state: AuditState) -> bool:
    """Whether a model of two outcomes has a place in an audit: its roles say what is learned."""
    return state.roles is not None and not state.roles.audits_existing_predictions


def only_outcomes(state: AuditState) -> NoReturn:
    """Offer what an audit without a model of two outcomes has a place for, and stop the page."""
    if state.roles is None:
        st.info(
            "To train a model, or bring one that decides, say first which column means what. One "
            "that predicts amounts, or chooses among several classes, can be brought without."
        )
        steps.link("roles", "Assign roles", state.id)
    else:
        st.info(
            "This audit looks at existing predictions: there is nothing to train. A model that "
            "predicts amounts, or chooses among several classes, can be brought beside them."
        )
    bring_view(state)
    if state.roles is not None:
        steps.next_step("train", state)
    st.stop()
