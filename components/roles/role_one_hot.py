"""One attribute that a table holds as several columns of 0 and 1, put together by one click."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.roles.role_saving import keep_one_hot
from core.data.reading.one_hot import attribute_name
from core.data.roles.questions import columns_of_one

if TYPE_CHECKING:
    from components.widgets.role_draft import RoleDraft
    from core.audit_state.state import AuditState
    from core.data.reading.one_hot import OneHot
    from core.data.table import Table


def one_hot_form(state: AuditState, table: Table, draft: RoleDraft) -> None:
    """Offer to put sensitive columns together that never hold 1 in one row, and to undo it."""
    if state.origin == "sample":  # Read as its data dictionary says.
        return
    made = table.provenance.one_hot
    there = {column.name for column in table.columns}
    for columns in columns_of_one(table, [name for name in draft.sensitive if name in there]):
        name = attribute_name(columns)
        listed = ", ".join(session.literal(column) for column in columns)
        label = f"Put {listed} together into one attribute, “{session.literal(name)}”"
        if st.button(label, icon=":material/merge:", key=f"{state.id} together {columns}"):
            _keep(state, draft, (*made, (name, columns)))
    for name, columns in made:
        label = f"Take “{session.literal(name)}” apart into {len(columns)} columns again"
        if st.button(label, icon=":material/call_split:", key=f"{state.id} apart {name}"):
            _keep(state, draft, tuple(item for item in made if item[0] != name))


def _keep(state: AuditState, draft: RoleDraft, one_hot: OneHot) -> None:
    with session.refusal_shown():
        keep_one_hot(state, draft, one_hot)
        st.rerun()
