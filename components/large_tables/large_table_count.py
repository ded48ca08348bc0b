"""Counting a large table, followed on the page; and the list of counts that are kept."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import streamlit as st

from components.app import counted, session
from components.widgets.audit_list import ago
from components.widgets.record_list import confirm, record_list
from core.audit_state.counting import count_and_store
from core.audit_state.results.count_results import CountSpec, list_counts
from core.errors import InputError

if TYPE_CHECKING:
    from core.audit_state.results.count_results import CountRecord
    from core.fairness.engine.out_of_core import OutOfCoreTable

_SHOWN = 6


def count(spec: CountSpec, table: OutOfCoreTable) -> None:
    """Count, showing how long it has taken, and open what is kept; a click anywhere stops it."""
    what = "rows" if table.rows is None else f"{table.rows:,} rows"
    with st.container(border=True):
        status = st.empty()
        status.text(f"Counting {what} …")
        st.button("Stop", icon=":material/stop_circle:", key="stop counting")
        st.caption(
            "Another click on this page stops the count too. How far it is isn't known: the "
            "engine answers once, when it is done."
        )
        try:
            # Closed, and so stopped, when this run of the page is.
            with closing(count_and_store(session.workspace().root, spec)) as work:
                for seconds, found in work:
                    status.text(f"Counting {what}: {seconds:.0f} s so far")
                    if found is not None:
                        counted.open_count(found)
                        st.rerun()
        except InputError as error:
            status.empty()
            session.shown_error(error)


def count_list() -> None:
    """List the kept counts, latest first; a damaged one with its reason."""
    records = list_counts(session.workspace().root)
    record_list(records, "counts", _row, most=_SHOWN, begun="Each count")


def _row(record: CountRecord) -> None:
    text, buttons = st.columns([3, 2], vertical_alignment="center")
    with text:
        if record.spec is None:
            st.markdown(f"**{record.id[:12]}**")
            st.caption(f":material/warning: Damaged: {session.literal(str(record.damaged))}")
        else:
            st.markdown(f"**{session.literal(record.spec.location.title)}**")
            roles = record.spec.roles
            judged = str(roles.prediction or roles.score)
            beside = "without outcomes" if roles.target is None else f"against {roles.target}"
            what = session.literal(f"{judged} {beside}")
            by = session.literal(", ".join(roles.sensitive))
            st.caption(
                f"Counted {ago(record.counted_at)} · {record.rows:,} rows · {what} · by {by}"
            )
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        if record.spec is not None and st.button("Open", key=f"open {record.id}"):
            counted.open_count(record.id)
            st.rerun()
        if st.button("Delete", key=f"delete {record.id}"):
            _delete(record)


@st.dialog("Delete this count?")
def _delete(record: CountRecord) -> None:
    if record.spec is not None:
        st.text(record.spec.location.title)
    st.write("What was counted is removed from this server for good; the table itself stays.")
    confirm("Delete for good", "Keep it", record.id, lambda: counted.forget_count(record.id))
