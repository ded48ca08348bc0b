"""The form in which a person says which column means what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app.session import literal
from components.roles.role_groups import groups_form
from components.widgets.pickers import pick_many, pick_one
from components.widgets.role_draft import DECISIONS, SCORES, RoleDraft
from core.data.codes import codes_in
from core.data.labels import canonical_series

if TYPE_CHECKING:
    from core.data.table import Table

TRAINED = "Train a model here"
EXISTING = "Audit existing predictions"
ALONE = "Audit decisions without outcomes"
_LABELS = 200
"""Most labels offered: a column of more is no column of labels."""


def role_form(table: Table, draft: RoleDraft, audit: str) -> RoleDraft:
    """Let a person change the draft; return it as it stands now.

    Parameters
    ----------
    table : Table
    draft : RoleDraft
        Entries so far.
    audit : str
        Id of the audit, which keeps the widgets of different audits apart.
    """
    names = [column.name for column in table.columns]
    st.markdown("##### What the table holds")
    draft = _held(draft, audit)
    if draft.without_outcomes:
        st.markdown("##### The decisions")
        draft = _existing(draft, audit, [name for name in names if name not in draft.taken])
        draft = _decided(table, draft, audit)
    else:
        st.markdown("##### The outcome")
        draft = _outcome(table, draft, audit, names)
    labelled = draft.prediction if draft.without_outcomes else draft.target
    others = [name for name in names if name != labelled]
    st.markdown("##### Whom to compare")
    draft = _sensitive(table, draft, audit, others)
    if not draft.without_outcomes:
        st.markdown("##### The decisions" if draft.existing else "##### What a model may see")
        free = [name for name in names if name not in draft.taken]
        draft = _existing(draft, audit, free) if draft.existing else _features(draft, audit, free)
    if not draft.existing:
        for asked in codes_in(table, set(draft.features) - draft.taken):
            st.info(f"**{literal(asked.column or '')}**: {literal(asked.what)}")
    with st.expander("Identifiers and weights"):
        draft = _others(draft, audit, others)
    return draft


def _held(draft: RoleDraft, audit: str) -> RoleDraft:
    """Ask first what there is, as the answer decides what can be claimed."""
    choice = st.radio(
        "What is audited?",
        [TRAINED, EXISTING, ALONE],
        index=0 if not draft.existing else 1 if draft.outcomes else 2,
        key=f"{audit} existing",
        captions=[
            "The table holds true outcomes; a model learns them from the features.",
            "The table holds decisions or scores and what came true; nothing is trained.",
            "The table holds decisions or scores and not what came true: rates are compared, and "
            "errors are not defined.",
        ],
    )
    return replace(draft, existing=choice != TRAINED, outcomes=choice != ALONE)


def _decided(table: Table, draft: RoleDraft, audit: str) -> RoleDraft:
    """Ask which decision counts as positive, where decisions have no outcomes beside them."""
    if draft.source == DECISIONS:
        labels = [] if draft.prediction is None else _labels(table, draft.prediction)
        positive = pick_one(
            "Positive label",
            f"{audit} positive decision {draft.prediction}",
            labels,
            draft.positive,
            help="All other labels together count as negative.",
            placeholder="Choose a label" if draft.prediction else "Choose the decisions first",
        )
        st.caption("The decision whose rates are compared between groups.")
        draft = replace(draft, positive=positive)
    return _favourable(draft, audit)


def _favourable(draft: RoleDraft, audit: str) -> RoleDraft:
    answer = st.radio(
        "Is the positive label the favourable outcome?"
        if draft.source == DECISIONS or not draft.without_outcomes
        else "Is a decision at or above the threshold the favourable outcome?",
        ["Yes, it is favourable", "No, it is adverse"],
        index=0 if draft.favourable else 1,
        key=f"{audit} favourable",
        horizontal=True,
        help="Getting a loan is favourable; being judged likely to re-offend is adverse.",
    )
    return replace(draft, favourable=answer is not None and answer[0] == "Y")


def _outcome(table: Table, draft: RoleDraft, audit: str, names: list[str]) -> RoleDraft:
    left, right = st.columns(2)
    with left:
        target = pick_one(
            "Target",
            f"{audit} target",
            names,
            draft.target,
            help="The column of true outcomes, such as whether a loan was paid back.",
        )
        st.caption("The column that says what really happened to each person.")
    with right:
        labels = [] if target is None else _labels(table, target)
        positive = pick_one(
            "Positive label",
            f"{audit} positive {target}",
            labels,
            draft.positive,
            help="All other labels together count as negative.",
            placeholder="Choose a label" if target else "Choose the target first",
        )
        st.caption("The answer whose rates are compared between groups.")
    return _favourable(replace(draft, target=target, positive=positive), audit)


def _labels(table: Table, target: str) -> list[str]:
    counts = canonical_series(table.frame[target]).value_counts()
    return sorted(str(label) for label in counts.index[:_LABELS])


def _sensitive(table: Table, draft: RoleDraft, audit: str, names: list[str]) -> RoleDraft:
    sensitive = pick_many(
        "Sensitive attributes",
        f"{audit} sensitive",
        names,
        draft.sensitive,
        help="Grounds on which people must not be treated worse, such as sex, age or origin.",
    )
    st.caption(
        "The columns by which treatment is compared; at least one. Groups of a few people have "
        "rates that are mostly chance; counted together they can be judged, though not each by "
        "itself."
    )
    chosen = [name for name in sensitive if name in names]
    edges, together = dict(draft.edges), dict(draft.together)
    for name in chosen:
        typed, entries = groups_form(table, name, edges.get(name), together.get(name, ()), audit)
        edges |= {} if typed is None else {name: typed}
        together[name] = entries
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
    return replace(draft, sensitive=sensitive, kept=kept, edges=edges, together=together)


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


def _existing(draft: RoleDraft, audit: str, names: list[str]) -> RoleDraft:
    sources = [DECISIONS, SCORES]
    source = st.radio(
        "Where do the decisions come from?",
        sources,
        index=sources.index(draft.source),
        key=f"{audit} source",
        horizontal=True,
    )
    prediction, threshold = draft.prediction, draft.threshold
    left, right = st.columns(2)
    if source == DECISIONS:
        with left:
            prediction = pick_one(
                "Prediction",
                f"{audit} prediction",
                names,
                draft.prediction,
                help="What was decided about each person."
                if draft.without_outcomes
                else "It must hold the same labels as the target.",
            )
            st.caption(
                "The column of decisions."
                if draft.without_outcomes
                else "The column of decisions, in the labels of the target."
            )
    score_place, other = (right, left) if source == DECISIONS else (left, right)
    with score_place:
        score = pick_one(
            "Score" if source == SCORES else "Score (optional)",
            f"{audit} score {source}",
            names,
            draft.score,
            help="Numbers that are larger the more likely the positive label is.",
        )
        st.caption("A number for each row; larger means more likely positive.")
    if source == SCORES:
        with other:
            threshold = st.number_input(
                "Threshold",
                value=draft.threshold,
                key=f"{audit} threshold",
                format="%g",
                placeholder="0.5",
                help="A score equal to the threshold counts as positive.",
            )
            st.caption("The decision is positive from this score on.")
    return replace(draft, source=source, prediction=prediction, score=score, threshold=threshold)


def _others(draft: RoleDraft, audit: str, names: list[str]) -> RoleDraft:
    identifiers = pick_many(
        "Identifiers",
        f"{audit} identifiers",
        [name for name in names if name not in draft.sensitive],
        draft.identifiers,
        help="Names, numbers and addresses that point to one person.",
        placeholder="None",
    )
    st.caption("Columns that name a person; never a feature.")
    weight = pick_one(
        "Weight",
        f"{audit} weight",
        names,
        draft.weight,
        help="Survey weights, for example: how many people a row stands for.",
        placeholder="Every row counts once",
    )
    st.caption("How much a row counts: a number of zero or more.")
    return replace(draft, identifiers=identifiers, weight=weight)
