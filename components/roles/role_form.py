"""The form in which a person says which column means what."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components.app.session import literal
from components.roles.role_groups import groups_form
from components.roles.role_guesses import column_notes
from components.widgets.held_picker import DECIDED, pick_held, pick_without_outcomes
from components.widgets.pickers import pick_many
from components.widgets.role_draft import SCORES
from components.widgets.role_pickers import (
    SENSITIVE_HELP,
    guess_note,
    pick_decisions,
    pick_outcome,
    pick_weight,
)
from core.data.labels import canonical_series
from core.data.roles.past_decisions import seems_decided
from core.data.roles.questions import questions

if TYPE_CHECKING:
    from components.widgets.role_draft import RoleDraft
    from core.data.roles.suggest import RoleSuggestion
    from core.data.table import Table

CAME_TRUE, WAS_DECIDED = "What came true", "Decisions that were made"
_LABELS = 200
"""Most labels offered: a column of more is no column of labels."""


def role_form(
    table: Table, draft: RoleDraft, audit: str, guesses: RoleSuggestion | None = None
) -> RoleDraft:
    """Let a person change the draft; return it as it stands now.

    Parameters
    ----------
    table : Table
    draft : RoleDraft
        Entries so far.
    audit : str
        Id of the audit, which keeps the widgets of different audits apart.
    guesses : RoleSuggestion, optional
        What the draft started from, as long as no roles are saved: it is marked as guessed.
    """
    names = [column.name for column in table.columns]
    labels, marked = partial(_labels, table), guesses is not None
    st.markdown("## What the table holds")
    draft = pick_held(draft, audit)
    if draft.without_outcomes:
        st.markdown("## The scores" if draft.source == SCORES else "## The decisions")
        free = [name for name in names if name not in draft.taken]
        draft = pick_without_outcomes(draft, audit, free, free, labels, marked=marked)
    else:
        st.markdown("## The outcome")
        before = draft.target
        draft = pick_outcome(draft, audit, names, labels, guesses, marked=marked)
        draft = _recorded(draft, before, audit)
    labelled = draft.prediction if draft.without_outcomes else draft.target
    others = [name for name in names if name != labelled]
    st.markdown("## Whom to compare")
    draft = _sensitive(table, draft, audit, others, guesses)
    if not draft.without_outcomes:
        st.markdown("## The decisions" if draft.existing else "## What a model may see")
        free = [name for name in names if name not in draft.taken]
        draft = (
            pick_decisions(draft, audit, free, free)
            if draft.existing
            else _features(draft, audit, free)
        )
    seen = set() if draft.existing else set(draft.features) - draft.taken
    sensitive = [name for name in draft.sensitive if name in others]
    for asked in questions(table, draft.target, seen, sensitive):
        about = f"**{literal(asked.column)}**: " if asked.column else ""
        st.info(about + literal(asked.what))
    with st.expander("Identifiers and weights"):
        draft = _others(draft, audit, others, guesses)
    return draft


def _recorded(draft: RoleDraft, before: str | None, audit: str) -> RoleDraft:
    """Ask whether the target is what came true, where its name tells of decisions."""
    if draft.target != before:
        draft = replace(draft, target_decided=None)
    if draft.target is None:
        return draft
    if draft.target_decided is None and not seems_decided(draft.target):
        return draft
    answer = st.radio(
        f"What does {literal(draft.target)} record?",
        [CAME_TRUE, WAS_DECIDED],
        index=None if draft.target_decided is None else int(draft.target_decided),
        key=f"{audit} records {draft.target}",
        captions=[
            "Such as whether a loan was paid back.",
            "Such as whether a loan was granted: "
            + (
                "errors are then counted against these decisions."
                if draft.existing
                else "a model will imitate these decisions."
            ),
        ],
    )
    if answer is None:
        guess_note(False, "its name tells of decisions")
        return draft
    decided = answer == WAS_DECIDED
    if decided and draft.existing:
        st.warning(
            "What is called an error is then where the two decisions differ: error rates and "
            "accuracy say nothing about which of them was right. Rates of decisions stand as they "
            "are.",
            icon=":material/content_copy:",
        )
    elif decided:
        st.warning(
            "A model trained on decisions imitates them, their gaps between groups included, and "
            "its accuracy says nothing about whether they were right. To judge the decisions "
            f"themselves, choose “{DECIDED}” above.",
            icon=":material/content_copy:",
        )
    return replace(draft, target_decided=decided)


def _labels(table: Table, target: str) -> list[str]:
    counts = canonical_series(table.frame[target]).value_counts()
    return sorted(str(label) for label in counts.index[:_LABELS])


def _sensitive(
    table: Table,
    draft: RoleDraft,
    audit: str,
    names: list[str],
    guesses: RoleSuggestion | None,
) -> RoleDraft:
    sensitive = pick_many(
        "Sensitive attributes",
        f"{audit} sensitive",
        names,
        draft.sensitive,
        help=SENSITIVE_HELP,
    )
    st.caption(
        "The columns by which treatment is compared; at least one. Groups of a few people have "
        "rates that are mostly chance; counted together they can be judged, though not each by "
        "itself."
    )
    column_notes(guesses, sensitive)
    chosen = [name for name in sensitive if name in names]
    edges, merged_groups = dict(draft.edges), dict(draft.merged_groups)
    for name in chosen:
        typed, entries = groups_form(
            table, name, edges.get(name), merged_groups.get(name, ()), audit
        )
        edges |= {} if typed is None else {name: typed}
        merged_groups[name] = entries
    kept = draft.kept
    if chosen and not draft.existing:
        kept = pick_many(
            "Sensitive attributes allowed as model inputs",
            f"{audit} kept",
            chosen,
            draft.kept,
            help="Leaving an attribute out does not make a model blind to it: other columns may "
            "give it away.",
            placeholder="None",
        )
        st.caption("Usually none. Those chosen here are features as well.")
    return replace(draft, sensitive=sensitive, kept=kept, edges=edges, merged_groups=merged_groups)


def _features(draft: RoleDraft, audit: str, names: list[str]) -> RoleDraft:
    features = pick_many(
        "Features",
        f"{audit} features",
        names,
        draft.features,
        help="Leave out what is not known when the decision is made, and whatever gives the "
        "target away.",
    )
    st.caption("The columns that a model may see.")
    return replace(draft, features=features)


def _others(
    draft: RoleDraft, audit: str, names: list[str], guesses: RoleSuggestion | None
) -> RoleDraft:
    identifiers = pick_many(
        "Identifiers",
        f"{audit} identifiers",
        [name for name in names if name not in draft.sensitive],
        draft.identifiers,
        help="Names, numbers and addresses that point to one person.",
        placeholder="None",
    )
    st.caption("Columns that name a person; never a feature.")
    column_notes(guesses, identifiers)
    return pick_weight(replace(draft, identifiers=identifiers), audit, names)
