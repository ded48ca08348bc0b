"""Say which column means what."""

import streamlit as st

from components.app import audit_head, session, steps
from components.roles.role_form import role_form
from components.roles.role_one_hot import one_hot_form
from components.roles.role_result import role_result
from components.roles.role_saving import (
    as_corrected,
    draft_of,
    guesses_for,
    how_made,
    keep_draft,
    keep_reading,
    save_roles,
)
from components.widgets.coverage_label import coverage_label, coverage_note
from components.widgets.table_view import changes, columns, preview, reading_picker
from core.data.samples import sample_for

audit_head.heading("roles")
state = session.require(roles=False)
table = session.table(as_corrected(state))
sample = sample_for(table.provenance.sha256)
if sample is not None:
    with st.container(border=True):
        st.markdown(f"**What is at stake.** {session.literal(sample.sentence)}")
        st.caption("Know before you conclude:")
        st.caption("\n".join(f"- {session.literal(caveat)}" for caveat in sample.caveats))
        st.caption(
            f"Source: {session.literal(sample.citation)} ({session.literal(sample.licence)})"
        )

note = session.remembered(f"note {state.id}", None)
# A place that is always there, or what follows would be drawn anew when the note goes.
message = st.empty()
if note:
    message.success(note, icon=":material/check_circle:")
    st.toast(note)  # Seen wherever the page is scrolled to.
    session.remember(f"note {state.id}", None)
if state.roles is not None:
    st.header("Roles as saved")
    with session.refusal_shown():
        role_result(session.table(state), session.dataset(state), state)

new = state.roles is None
with st.expander("The table", expanded=new, icon=":material/table:", key=f"the table {state.id}"):
    st.caption(f"{len(table.frame):,} rows × {len(table.columns):,} columns. The first rows:")
    preview(table)
    coverage_label("table_preview", state)
    st.caption("The columns:")
    columns(table)
    coverage_note("column_summary", state)
    # The kinds of a scenario belong to it: it is read with them whatever is chosen.
    changed = {} if state.origin == "sample" else reading_picker(table, state.id)
    if changed:
        with session.refusal_shown():
            keep_reading(state, changed)
            st.rerun()
    if table.repairs:
        st.caption("What was changed on reading:")
        changes(table.repairs)
    else:
        st.caption("Nothing was changed on reading.")

form = "Which column means what" if new else "Change which column means what"
with st.expander(form, expanded=new, icon=":material/label:", key=f"role form {state.id}"):
    draft = role_form(table, draft_of(state, table), state.id, guesses_for(state, table))
    keep_draft(state, draft)
    one_hot_form(state, table, draft)
    if state.training is not None:
        made = how_made(state)
        st.caption(f"A model is {made} for the saved roles: other roles need it {made} again.")
    if st.button("Save roles", type="primary"):
        with session.refusal_shown():
            save_roles(state, draft)
            st.rerun()

if state.roles is not None:
    steps.next_step("roles", state)
