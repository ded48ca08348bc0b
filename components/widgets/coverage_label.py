"""One line that says whether the privacy guarantee covers what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.app.shown_results import mark_shown
from core.learning.learners import LEARNERS
from core.privacy.guidance.coverage import OUTPUTS, coverage

if TYPE_CHECKING:
    from core.audit_state.state import AuditState

# No coloured badges: on a caption their colours are too faint to read.
LABELS = {
    "covered": ":material/shield: **Covered by the guarantee.**",
    "no guarantee": ":material/remove_moderator:",
    "nothing to cover": ":material/visibility_off: **No data behind it.**",
}


NO_RESULTS = ("table_preview", "release_preview", "ledger")
"""Outputs that hold no result of an audit: rows as they came, and what is asked for."""


def coverage_label(what: str, state: AuditState, *, shown: bool = True) -> None:
    """Show the label of an output, and note that results of the audit are shown beside it.

    Parameters
    ----------
    what : str
        Named in :data:`core.privacy.guidance.coverage.OUTPUTS`.
    state : AuditState
    shown : bool
        Whether figures stand beside it already.
    """
    if shown and what not in NO_RESULTS:
        mark_shown(state)
    spec = state.training
    private = spec is not None and LEARNERS[spec.learner].private and spec.noise == "fresh"
    found = coverage(what, budget=state.budget is not None, private_model=private)
    if found.status == "not covered":
        # A leak that looks like a footnote would be overlooked.
        st.warning(
            "These figures are **not covered by the privacy guarantee**. "
            f"{session.literal(found.sentence)} Keep them within the team that may see the data."
        )
        return
    st.caption(f"{LABELS[found.status]} {session.literal(found.sentence)}")


def coverage_note(what: str, state: AuditState) -> None:
    """Say in a line that a figure in passing is not covered; nothing where no budget is set."""
    found = coverage(what, budget=state.budget is not None)
    if found.status == "not covered":
        st.caption(
            ":material/visibility: **Not covered by the guarantee.** "
            f"{session.literal(OUTPUTS[what].sentence)}"
        )
