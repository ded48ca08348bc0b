"""What a person's edits come to: score, decision and distance, the earlier state beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app.session import literal
from core.explanation.person.person_texts import format_score
from core.explanation.person.what_if_texts import (
    describe_answer,
    describe_threshold,
    what_if_notes,
)

if TYPE_CHECKING:
    from components.explanation.what_if_edits import SessionEdits
    from core.explanation.person.what_if_result import PersonState


def show_answer(held: SessionEdits) -> None:
    """Show the person as they are and edited, what changes, and what else must be known."""
    editor, position, edits = held.editor, held.position, held.edits
    before, after = editor.state(position, ()), editor.state(position, edits)
    called = editor.dataset.decision_labels
    if edits:
        st.markdown(f"**{literal(describe_answer(before, after, called))}**")
    else:
        st.markdown("**Nothing is edited yet**: set a feature, and the answer stands here.")
    left, right = st.columns(2)
    edited = f"With {len(edits)} edit{'s' * (len(edits) != 1)}"
    with left, st.container(border=True):
        _state(held, "As they are", before, before)
    if edits:
        with right, st.container(border=True):
            _state(held, edited, after, before)
    for note in what_if_notes(editor, position, edits):
        st.warning(literal(note))


def _state(held: SessionEdits, title: str, state: PersonState, before: PersonState) -> None:
    dataset = held.editor.dataset
    good = state.positive == dataset.roles.positive_is_favourable
    icon = "thumb_up" if good else "thumb_down"
    st.caption(title)
    moved = state.score - before.score
    st.metric(
        "Score",
        format_score(state.score, state.threshold),
        None if state is before else f"{moved:+.3f}",
        delta_color="off"
        if not moved
        else "normal"
        if dataset.roles.positive_is_favourable
        else "inverse",
    )  # fmt: skip
    decision = literal(dataset.decision_labels.told(state.positive))
    st.markdown(f":material/{icon}: **{decision}**")
    st.caption(literal(describe_threshold(state, held.editor.column, dataset.decision_labels)))
