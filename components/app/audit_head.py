"""The head of each page: its title, and which audit, data and model, on how many rows judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps
from components.app.shown_results import PAGE
from core.data.roles.decision_labels import decision_labels
from core.errors import InputError
from core.training.model_name import model_name
from core.training.rows_told import judging_rows

if TYPE_CHECKING:
    from core.audit_state.state import AuditState

BY_COLUMNS = ("multiclass", "regression")
"""Pages that audit columns of their own choice, or what a model predicts of one."""


def heading(path: str) -> None:
    """Show a page's title, what it is for, and what is open."""
    spec = steps.spec_of(path)
    session.remember(PAGE, spec.title)
    st.title(spec.title)
    st.caption(spec.sentence)
    state = session.current()
    if state is not None and path != "start":
        st.markdown(audit_head(state, by_roles=path not in BY_COLUMNS))


def audit_head(state: AuditState, *, by_roles: bool = True) -> str:
    """Name the audit, its data, what is judged, on how many rows, and what is positive.

    Parameters
    ----------
    state : AuditState
    by_roles : bool
        Whether the page goes by the audit's roles; one of columns that it asks for does not.
    """
    parts = [f"Audit **{session.literal(state.name)}**", f"data {session.literal(state.file)}"]
    if state.roles is not None and by_roles:
        called = decision_labels(session.roles_of(state))
        parts += [session.literal(part) for part in _judged(state)]
        parts.append(session.literal(f"positive: {called.told(True)}"))
    return " · ".join(parts)


def _judged(state: AuditState) -> list[str]:
    """Say what is judged, and on which rows, as far as it is there."""
    roles = session.roles_of(state)
    if roles.audits_existing_predictions:
        what = (
            f"decisions in column {roles.prediction}"
            if roles.prediction is not None
            else f"decisions by {roles.score} at {roles.threshold:g} or more"
        )
        try:
            return [what, f"judged on all {len(session.dataset(state)):,} rows"]
        except InputError:
            return [what]
    if state.training is None:
        return ["no model yet"]
    name = model_name(state.training)
    try:
        model = session.trained(state)
    except InputError:
        # The page itself says why, and what can be done.
        return [f"{name}, which can't be opened"]
    if model is None:
        todo = "trained" if state.training.external is None else "matched again"
        return [f"{name}, to be {todo}"]
    return [name, f"judged on {len(model.split.test):,} {judging_rows(model.spec)}"]
