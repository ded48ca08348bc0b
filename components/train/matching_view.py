"""Which column each input of a model takes its values from: a table, proposals, what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import brought, session
from components.train.match_editor import match_editor
from components.train.model_file_view import KINDS, MISSING
from components.widgets.unknown_values_view import unknown_view
from core.external_models.proposals import describe

MOST_TOLD = 8
"""Proposals told in full above the button that accepts them."""

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.roles.outcome_rows import OutcomeColumns
    from core.external_models.external_spec import ExternalSpec
    from core.external_models.matching import InputMatch
    from core.external_models.matching_draft import MatchingDraft
    from core.external_models.model_facts import ModelFacts


def matching_view(
    state: AuditState,
    facts: ModelFacts,
    before: ExternalSpec | None,
    columns: OutcomeColumns | None = None,
) -> MatchingDraft:
    """Show the matching and let a person accept and change it; return it as it stands.

    Parameters
    ----------
    state : AuditState
    facts : ModelFacts
    before : ExternalSpec or None
        As it was matched before.
    columns : OutcomeColumns, optional
        Of a model of amounts or classes, see :func:`components.app.brought.candidates`.
    """
    draft = brought.draft(state, facts, before, columns)
    st.header("Does it fit the table?")
    st.markdown(f"**{in_short(draft)}**")
    proposed = draft.proposed
    for name in proposed[:MOST_TOLD]:
        st.markdown(session.literal(f"{name}: {_told(draft.match_of(name))}"))
    if len(proposed) > MOST_TOLD:
        st.caption(f"And {len(proposed) - MOST_TOLD} more, in the table.")
    if proposed and st.button(
        f"Accept all {len(proposed)} proposals" if len(proposed) > 1 else "Accept the proposal",
        key=f"accept all {state.id}",
        type="primary",
    ):
        _keep(state, facts, draft.accepting(proposed), columns)
    st.dataframe(
        matching_table(facts, draft),
        hide_index=True,
        width="stretch",
        # Sentences, of which the accepted ones stand nowhere else.
        column_config={"What it is given": st.column_config.TextColumn(width="large")},
    )
    changed = match_editor(state, facts, draft, brought.candidates(state, columns).features)
    if changed is not None:
        _keep(state, facts, changed, columns)
    fit = brought.fit(state, facts, draft.matching, columns)
    if fit.unused:
        st.caption(
            f"Columns that the model does not see ({len(fit.unused)}): "
            f"{session.literal(', '.join(fit.unused))}."
        )
    unknown_view(fit)
    return draft


def in_short(draft: MatchingDraft) -> str:
    """Say how many inputs are matched, proposed and open."""
    count, proposed, lacking = len(draft.names), len(draft.proposed), len(draft.unmatched)
    if draft.is_settled:
        return f"All {count} inputs are matched."
    parts = [f"{count - proposed - lacking} of {count} inputs are matched"]
    if proposed:
        parts.append(f"{proposed} {'is' if proposed == 1 else 'are'} proposed, to be accepted")
    if lacking:
        parts.append(f"{lacking} {'has' if lacking == 1 else 'have'} no column yet")
    return "; ".join(parts) + "."


def matching_table(facts: ModelFacts, draft: MatchingDraft) -> pd.DataFrame:
    """One row for each input, those that wait for a person first."""
    rank = {"no column found": 0, "proposed": 1, "accepted": 2, "the same": 3}
    rows = []
    for takes in sorted(facts.inputs, key=lambda item: rank[draft.state_of(item.name)]):
        match, stands = draft.match_of(takes.name), draft.state_of(takes.name)
        known = len(takes.categories or takes.category_hashes or ())
        rows.append(
            {
                "Input": takes.name,
                "Column": "–" if match is None else match.column or "none",
                "State": stands,
                "Takes": KINDS[takes.kind] + (f", {known} known values" if known else ""),
                "Missing values": MISSING[takes.missing],
                "What it is given": _told(match),
            }
        )
    return pd.DataFrame(rows)


def _told(match: InputMatch | None) -> str:
    """Say what an input is given; how it was matched stands in the sentence."""
    if match is None:
        return "–"
    return "The column, as it is." if match.how == "same" else describe(match)


def _keep(
    state: AuditState,
    facts: ModelFacts,
    changed: MatchingDraft,
    columns: OutcomeColumns | None,
) -> None:
    brought.keep_draft(state, facts, changed, columns)
    st.rerun()
