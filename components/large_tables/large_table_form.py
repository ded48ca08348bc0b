"""Which column of a large table means what; the pickers are made from its schema."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components.app import counted, session
from components.widgets.held_picker import pick_held, pick_without_outcomes
from components.widgets.pickers import pick_many
from components.widgets.role_draft import SCORES, RoleDraft
from components.widgets.role_pickers import (
    SENSITIVE_HELP,
    pick_decisions,
    pick_outcome,
    pick_weight,
    type_edges,
)
from core.data.roles.groups import FEW
from core.data.roles.role_checks import check_roles
from core.data.table import Kind
from core.errors import InputError
from core.fairness.engine.engine import REPEATED

if TYPE_CHECKING:
    from core.data.roles.roles import Roles
    from core.data.sources.locations import SourceLocation
    from core.data.table import Table


def roles_form(location: SourceLocation, schema: Table) -> Roles | None:
    """Ask for roles; return them once "Count" is clicked and they fit the columns."""
    key = f"large {location.where} {location.table}"
    draft: RoleDraft = session.remembered(key, RoleDraft(decided=True))
    names = [column.name for column in schema.columns if column.kind is not Kind.DATE]
    labels = partial(_labels, location)
    st.markdown("### What the table holds")
    draft = pick_held(draft, key, trainable=False)
    if not draft.without_outcomes:
        st.markdown("### The outcome")
        draft = pick_outcome(draft, key, names, labels)
    st.markdown("### The scores" if draft.source == SCORES else "### The decisions")
    others = [name for name in names if draft.without_outcomes or name != draft.target]
    numeric = [name for name in others if schema.column(name).kind is Kind.NUMBER]
    if draft.without_outcomes:
        draft = pick_without_outcomes(draft, key, others, numeric, labels)
    else:
        draft = pick_decisions(draft, key, others, numeric)
    draft = pick_weight(draft, key, numeric)
    st.markdown("### Whom to compare")
    draft = _sensitive(schema, draft, key, names)
    session.remember(key, draft)
    if not st.button("Count", type="primary", key=f"{key} count", icon=":material/calculate:"):
        return None
    try:
        roles = draft.roles(schema)
        check_roles(schema, roles)
    except InputError as error:
        session.shown_error(error)
        return None
    return roles


def _labels(location: SourceLocation, column: str) -> tuple[str, ...]:
    with session.refusal_shown():
        return counted.out_of_core_labels(location, column)
    return ()


def _sensitive(schema: Table, draft: RoleDraft, key: str, names: list[str]) -> RoleDraft:
    taken = {draft.weight}
    taken |= {draft.target} if draft.outcomes else set()
    taken |= {draft.prediction} if draft.decided else set()
    taken |= {draft.score} if draft.scored else set()
    free = [name for name in names if name not in taken]
    sensitive = pick_many(
        "Sensitive attributes",
        f"{key} sensitive",
        free,
        draft.sensitive,
        help=SENSITIVE_HELP,
    )
    st.caption("The columns by which treatment is compared; at least one.")
    chosen = tuple(name for name in sensitive if name in free)
    edges = dict(draft.edges)
    numeric = [name for name in chosen if schema.column(name).kind is Kind.NUMBER]
    for name in numeric:
        edges[name] = type_edges(name, edges.get(name, ""), key)
    if numeric:
        st.caption(
            f"A new group begins at each number. Left empty, each value is a group if there are "
            f"{FEW} or fewer; else groups are cut near the quartiles, in tables of up to "
            f"{REPEATED:,} rows."
        )
    return replace(draft, sensitive=chosen, edges=edges)
