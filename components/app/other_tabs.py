"""What another tab or person changed of the open audit, and what this session has seen of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.app.session import literal, remember, remembered

if TYPE_CHECKING:
    from core.audit_state.state import AuditState

_SHOWN, _CLICKED_ON = "audit as shown", "audit as clicked on"


def note_changes(state: AuditState | None) -> None:
    """Note what this run shows, once a run, and tell what another session changed before it.

    Whoever clicks has seen what the run before showed: see :func:`as_shown`.
    """
    from core.audit_state.meanwhile import changed_parts, describe_changes

    slot = st.empty()
    if state is None:
        return
    shown = st.session_state.get(_SHOWN)
    before = shown if shown is not None and shown.id == state.id else state
    st.session_state[_CLICKED_ON], st.session_state[_SHOWN] = before, state
    changed = changed_parts(before, state)
    text = f"changed meanwhile {state.id}"
    if changed:
        remember(
            text,
            "Just changed in another tab, or by another person: "
            f"{describe_changes(state, changed)}. This page shows what it is now.",
        )
    if remembered(text, None):
        with slot.container():
            st.warning(literal(remembered(text, None)), icon=":material/sync_problem:")
            st.button("Seen", key=f"seen {text}", on_click=remember, args=(text, None))


def as_shown(state: AuditState) -> AuditState:
    """Return the audit as it stood on screen when the button of this run was clicked."""
    found = st.session_state.get(_CLICKED_ON)
    return found if found is not None and found.id == state.id else state


def saw(**changes: Any) -> None:
    """Note what this session changed itself, so that it isn't told of it."""
    if _SHOWN in st.session_state:
        st.session_state[_SHOWN] = replace(st.session_state[_SHOWN], **changes)
