"""Which column of a large table means what; the pickers are made from its schema."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app import counted, session
from components.widgets.pickers import pick_many, pick_one
from components.widgets.role_draft import DECISIONS, SCORES, RoleDraft
from core.data.roles.groups import FEW
from core.data.roles.role_checks import check_roles
from core.data.table import Kind
from core.errors import InputError
from core.fairness.engine.engine import REPEATED

if TYPE_CHECKING:
    from core.data.roles.roles import Roles
    from core.data.sources.locations import SourceLocation
    from core.data.table import Table


def roles_form(place: SourceLocation, schema: Table) -> Roles | None:
    """Ask for roles; return them once "Count" is clicked and they fit the columns."""
    key = f"large {place.where} {place.table}"
    draft: RoleDraft = session.remembered(key, RoleDraft(existing=True))
    st.markdown("##### The outcome")
    draft = _outcome(place, schema, draft, key)
    st.markdown("##### The decisions")
    draft = _decisions(schema, draft, key)
    st.markdown("##### Whom to compare")
    draft = _sensitive(schema, draft, key)
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


def _outcome(place: SourceLocation, schema: Table, draft: RoleDraft, key: str) -> RoleDraft:
    left, right = st.columns(2)
    with left:
        target = pick_one(
            "Label",
            f"{key} target",
            [column.name for column in schema.columns if column.kind is not Kind.DATE],
            draft.target,
            help="The column of true outcomes, such as whether a loan was paid back.",
        )
        st.caption("The column that says what really happened to each person.")
    labels: tuple[str, ...] = ()
    if target is not None:
        try:
            labels = counted.out_of_core_labels(place, target)
        except InputError as error:
            session.shown_error(error)
    with right:
        positive = pick_one(
            "Positive label",
            f"{key} positive {target}",
            labels,
            draft.positive,
            help="All other labels together count as negative.",
            placeholder="Choose a label" if target else "Choose the label's column first",
        )
        st.caption("The answer whose rates are compared between groups.")
    choices = ["Yes, it is favourable", "No, it is adverse"]
    answer = st.radio(
        "Is the positive label the favourable outcome?",
        choices,
        index=0 if draft.favourable else 1,
        key=f"{key} favourable",
        horizontal=True,
        help="Getting a loan is favourable; being judged likely to re-offend is adverse.",
    )
    return replace(draft, target=target, positive=positive, favourable=answer == choices[0])


def _decisions(schema: Table, draft: RoleDraft, key: str) -> RoleDraft:
    sources = [DECISIONS, SCORES]
    source = st.radio(
        "Where do the decisions come from?",
        sources,
        index=sources.index(draft.source),
        key=f"{key} source",
        horizontal=True,
    )
    names = [column.name for column in schema.columns if column.name != draft.target]
    numeric = [name for name in names if schema.column(name).kind is Kind.NUMBER]
    prediction, threshold = draft.prediction, draft.threshold
    left, right = st.columns(2)
    score_place, other = (right, left) if source == DECISIONS else (left, right)
    with score_place:
        score = pick_one(
            "Score" if source == SCORES else "Score (optional)",
            f"{key} score {source}",
            numeric,
            draft.score,
            help="Numbers that are larger the more likely the positive label is.",
            placeholder="Choose a column" if source == SCORES else "None",
        )
        st.caption("A number for each row; larger means more likely positive.")
    with other:
        if source == DECISIONS:
            prediction = pick_one(
                "Decision",
                f"{key} prediction",
                [name for name in names if schema.column(name).kind is not Kind.DATE],
                draft.prediction,
                help="It must hold the same labels as the label's column.",
            )
            st.caption("The column of decisions, in the words of the label's column.")
        else:
            threshold = st.number_input(
                "Threshold",
                value=draft.threshold,
                key=f"{key} threshold",
                format="%g",
                placeholder="0.5",
                help="A score equal to the threshold counts as positive.",
            )
            st.caption("The decision is positive from this score on.")
    weight = pick_one(
        "Weight (optional)",
        f"{key} weight",
        numeric,
        draft.weight,
        help="Survey weights, for example: how many people a row stands for.",
        placeholder="Every row counts once",
    )
    st.caption("How much a row counts: a number of zero or more.")
    return replace(
        draft,
        source=source or DECISIONS,
        prediction=prediction,
        score=score,
        threshold=threshold,
        weight=weight,
    )


def _sensitive(schema: Table, draft: RoleDraft, key: str) -> RoleDraft:
    told = {draft.target, draft.weight, draft.score}
    told |= {draft.prediction} if draft.source == DECISIONS else set()
    free = [
        column.name
        for column in schema.columns
        if column.name not in told and column.kind is not Kind.DATE
    ]
    sensitive = pick_many(
        "Sensitive attributes",
        f"{key} sensitive",
        free,
        draft.sensitive,
        help="Grounds on which people must not be treated worse, such as sex, age or origin.",
    )
    st.caption("The columns by which treatment is compared; at least one.")
    chosen = tuple(name for name in sensitive if name in free)
    edges = dict(draft.edges)
    numeric = [name for name in chosen if schema.column(name).kind is Kind.NUMBER]
    for name in numeric:
        edges[name] = st.text_input(
            f"Bin edges of {session.literal(name)}",
            edges.get(name, ""),
            key=f"{key} edges {name}",
            placeholder="25, 45, 60",
            help="Numbers at which a new group begins: 25, 60 makes below 25, 25 to below 60, and "
            "60 or more.",
        )
    if numeric:
        st.caption(
            f"A new group begins at each number. Left empty, each value is a group if there are "
            f"{FEW} or fewer; else groups are cut near the quartiles, in tables of up to "
            f"{REPEATED:,} rows."
        )
    return replace(draft, sensitive=chosen, edges=edges)
