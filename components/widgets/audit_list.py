"""The audits in progress: open, rename or delete them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets.record_list import confirm, record_list
from components.widgets.scenarios import go_to
from core.errors import InputError

if TYPE_CHECKING:
    from core.storage.record import AuditRecord

_SHOWN = 8


def audit_list() -> None:
    """List audits, last modified first; a damaged one with its reason."""
    record_list(
        session.workspace().list(), "audits", _row, most=_SHOWN, begun="Each audit you begin"
    )


def _row(record: AuditRecord) -> None:
    text, buttons = st.columns([3, 2], vertical_alignment="center")
    reason = record.damaged
    settled: list[str] = []
    if reason is None:
        try:
            settled = _settled(record)
        except InputError as error:
            reason = str(error)
    with text:
        st.markdown(f"**{session.literal(record.name)}**")
        if reason is None:
            st.caption(f"Changed {ago(record.modified)} · {' · '.join(settled)}")
            _ledger_note(record)
        else:
            st.caption(f":material/warning: Damaged: {session.literal(reason)}")
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        if reason is None:
            if st.button("Open", key=f"open {record.id}", type="primary"):
                go_to("roles", record.id)
            if st.button("Rename", key=f"rename {record.id}"):
                _rename(record)
        if record.edited and st.button("Accept as it is", key=f"accept {record.id}"):
            _accept(record)
        if st.button("Delete", key=f"delete {record.id}"):
            _delete(record)


def _ledger_note(record: AuditRecord) -> None:
    """Say that the ledger of the audit's data is damaged, or that its record was accepted."""
    from core.audit_state.audit_ledger import cap_of
    from core.audit_state.state import state_of_record

    if record.accepted:
        st.caption(f"Edited outside of Equipoise, accepted on {record.accepted[-1][:10]}")
    state = state_of_record(record)
    if state.budget is None:
        return
    try:
        cap_of(session.workspace(), state)
    except InputError as error:
        st.caption(f":material/warning: Privacy ledger damaged: {session.literal(str(error))}")


def _settled(record: AuditRecord) -> list[str]:
    from core.audit_state.state import state_of_record

    state = state_of_record(record)
    if state.roles is None:
        return ["no roles yet"]
    audited = state.roles.target or state.roles.prediction or state.roles.score
    out = [f"roles: {session.literal(str(audited))}"]
    if state.budget is not None:
        out.append(f"privacy budget ε = {state.budget.epsilon:g}")
    if state.roles.audits_existing_predictions:
        out.append("existing predictions")
    elif state.training is None:
        out.append("no model yet")
    else:
        from core.learning.learners import LEARNERS

        out.append(f"model: {LEARNERS[state.training.learner].title}")
    return out


@st.dialog("Rename this audit")
def _rename(record: AuditRecord) -> None:
    name = st.text_input("Name", record.name, key=f"name {record.id}")
    if st.button("Save", type="primary", key=f"save name {record.id}"):
        with session.refusal_shown():
            session.workspace().rename(record.id, name, seen=record.name)
            st.rerun()


@st.dialog("Accept this audit as it is?")
def _accept(record: AuditRecord) -> None:
    st.text(record.name)
    st.write(
        "Its audit.json was edited outside of Equipoise, or comes from another workspace. If you "
        "accept it, what it says now counts, and that it was accepted stays in it."
    )
    confirm(
        "Accept it",
        "Leave it",
        f"accept {record.id}",
        lambda: session.workspace().accept(record.id),
    )


@st.dialog("Delete this audit?")
def _delete(record: AuditRecord) -> None:
    st.text(record.name)
    st.write("Its data, results and models are removed for good.")

    def act() -> None:
        session.workspace().delete(record.id, seen=record)
        if st.query_params.get("audit") == record.id:
            session.close_audit()

    confirm("Delete for good", "Keep it", record.id, act)


def ago(moment: str, now: datetime | None = None) -> str:
    """Say how long ago a moment in ISO 8601 was, or its date if that is long."""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return "at an unknown time"
    seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    if seconds < 60:
        return "just now"
    for unit, length, most in (("minute", 60, 60), ("hour", 3600, 24), ("day", 86400, 14)):
        count = int(seconds // length)
        if count < most:
            return f"{count} {unit}{'s' * (count != 1)} ago"
    return f"on {then:%d %B %Y}"
