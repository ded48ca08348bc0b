"""Make two people alike: copy features of another person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.app.session import literal
from core.explanation.person.choosing import of_row
from core.explanation.person.nearest_other import nearest_decided_otherwise

if TYPE_CHECKING:
    from components.explanation.what_if_edits import SessionEdits


def alike_form(held: SessionEdits) -> None:
    """Let a person copy all features of another test row, or some."""
    editor, position = held.editor, held.position
    dataset, trained = editor.dataset, editor.trained
    rows = dataset.rows[trained.split.test]
    near = session.once(
        f"{held.widgets}: nearest", lambda: (nearest_decided_otherwise(dataset, trained, position),)
    )[0]
    with st.expander("Make these two people alike", icon=":material/content_copy:"):
        st.caption(
            "Copies another person’s values. "
            + (
                "All judged rows are decided alike."
                if near is None
                else f"Row {rows[near]} is the most similar one who was decided otherwise "
                "(Gower’s distance)."
            )
        )
        row = st.number_input(
            "Row of the other person, counted from 0", 0, step=1,
            value=int(rows[position if near is None else near]), key=f"{held.widgets}: other row",
        )  # fmt: skip
        with session.refusal_shown():
            other = of_row(dataset, trained, int(row))
            names = editor.unlike(position, other, held.edits)
            if not names:
                st.caption("The model sees no difference between the two.")
                return
            chosen = st.multiselect(
                f"Features to copy: they differ in {len(names)}", names, default=names,
                key=f"{held.widgets}: copied from {other} {hash(names)}", format_func=literal,
            )  # fmt: skip
            st.button(
                f"Copy {len(chosen)} of them", icon=":material/content_copy:",
                key=f"{held.widgets}: copy", on_click=held.replace,
                args=(editor.alike(position, other, chosen, held.edits),), disabled=not chosen,
            )  # fmt: skip
