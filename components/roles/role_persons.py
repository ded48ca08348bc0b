"""Whose rows they are: persons by the identifiers, and what looks as if rows repeat them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.app.kept import kept

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.data.repeats import LikelyPerson
    from core.data.table import Table


def person_notes(table: Table, dataset: Dataset, state: AuditState) -> None:
    """Tell how many persons the rows are about, and suggest an identifier that repeats."""
    count, likely, copied = _found(state, table, dataset)
    if count is not None:
        names = ", ".join(f"**{session.literal(name)}**" for name in dataset.roles.identifiers)
        st.markdown(
            f"They are about **{count:,} persons** by {names}. All rows of a person go into one "
            "part of every split."
        )
    for item in likely:
        st.warning(
            f"**{session.literal(item.column)}** looks like an identifier that repeats: "
            f"{item.values:,} values in {item.rows:,} rows, and rows of one value are nearly "
            f"always of one group of {session.literal(item.group)}. If it names persons, make it "
            "an identifier, so that a model is not tested on persons that it has seen.",
            icon=":material/group:",
        )
    if copied:
        one = "1 row is an exact copy of another."
        st.caption(one if copied == 1 else f"{copied:,} rows are exact copies of others.")


@kept("Looking for rows that repeat", 4, by=lambda state, _, data: (state.id, data.fingerprint))
def _found(
    state: AuditState, table: Table, dataset: Dataset
) -> tuple[int | None, tuple[LikelyPerson, ...], int]:
    from core.data.persons import persons_of
    from core.data.repeats import copies, likely_persons

    persons = persons_of(dataset.identifiers)
    count = None if persons is None else int(persons.max()) + 1
    return count, likely_persons(table, dataset), copies(table)
