"""Pickers of roles that the roles page and the page of large tables share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app.session import literal
from components.widgets.pickers import pick_one
from components.widgets.role_draft import DECISIONS, SCORES

if TYPE_CHECKING:
    from components.widgets.role_draft import RoleDraft

Labels = Callable[[str], Sequence[str]]
"""From a column to the labels in it."""


def pick_outcome(draft: RoleDraft, key: str, names: Sequence[str], labels: Labels) -> RoleDraft:
    """Ask for the column of outcomes, which label is positive, and whether that is favourable."""
    left, right = st.columns(2)
    with left:
        target = pick_one(
            "Target",
            f"{key} target",
            names,
            draft.target,
            help="The column of true outcomes, such as whether a loan was paid back.",
        )
        st.caption("The column that says what really happened to each person.")
    with right:
        draft = pick_positive(replace(draft, target=target), f"{key} positive", target, labels)
        st.caption("The answer whose rates are compared between groups.")
    return pick_favourable(draft, key)


def pick_positive(draft: RoleDraft, key: str, column: str | None, labels: Labels) -> RoleDraft:
    """Ask which label of a column counts as positive."""
    first = "decisions" if draft.without_outcomes else "target"
    positive = pick_one(
        "Positive label",
        f"{key} {column}",
        () if column is None else labels(column),
        draft.positive,
        help="All other labels together count as negative.",
        placeholder=f"Choose the {first} first" if column is None else "Choose a label",
    )
    return replace(draft, positive=positive)


def pick_favourable(draft: RoleDraft, key: str) -> RoleDraft:
    """Ask whether the positive label, or a decision from the threshold on, is favourable."""
    threshold = draft.without_outcomes and draft.source == SCORES
    what = "a decision at or above the threshold" if threshold else "the positive label"
    choices = ["Yes, it is favourable", "No, it is adverse"]
    answer = st.radio(
        f"Is {what} the favourable outcome?",
        choices,
        index=0 if draft.favourable else 1,
        key=f"{key} favourable",
        horizontal=True,
        help="Getting a loan is favourable; being judged likely to re-offend is adverse.",
    )
    return replace(draft, favourable=answer == choices[0])


def pick_decisions(
    draft: RoleDraft, key: str, decisions: Sequence[str], scores: Sequence[str]
) -> RoleDraft:
    """Ask where existing decisions come from: a column of them, or a score and a threshold.

    Parameters
    ----------
    draft : RoleDraft
    key : str
        Begins the widgets' keys.
    decisions, scores : sequence of str
        Columns that are offered as each.
    """
    sources = [DECISIONS, SCORES]
    source = st.radio(
        "Where do the decisions come from?",
        sources,
        index=sources.index(draft.source),
        key=f"{key} source",
        horizontal=True,
    )
    draft = replace(draft, source=source or DECISIONS)
    left, right = st.columns(2)
    if draft.source == DECISIONS:
        with left:
            draft = _prediction(draft, key, decisions)
        with right:
            return _score(draft, "Score (optional)", "None", key, scores)
    with left:
        draft = _score(draft, "Score", "Choose a column", key, scores)
    with right:
        threshold = st.number_input(
            "Threshold",
            value=draft.threshold,
            key=f"{key} threshold",
            format="%g",
            placeholder="0.5",
            help="A score equal to the threshold counts as positive.",
        )
        st.caption("The decision is positive from this score on.")
    return replace(draft, threshold=threshold)


def _prediction(draft: RoleDraft, key: str, names: Sequence[str]) -> RoleDraft:
    alone = draft.without_outcomes
    prediction = pick_one(
        "Prediction",
        f"{key} prediction",
        names,
        draft.prediction,
        help="What was decided about each person."
        if alone
        else "It must hold the same labels as the target.",
    )
    st.caption(f"The column of decisions{'' if alone else ', in the labels of the target'}.")
    return replace(draft, prediction=prediction)


def _score(
    draft: RoleDraft, label: str, placeholder: str, key: str, names: Sequence[str]
) -> RoleDraft:
    score = pick_one(
        label,
        f"{key} score {draft.source}",
        names,
        draft.score,
        help="Numbers that are larger the more likely the positive label is.",
        placeholder=placeholder,
    )
    st.caption("A number for each row; larger means more likely positive.")
    return replace(draft, score=score)


def pick_weight(draft: RoleDraft, key: str, names: Sequence[str]) -> RoleDraft:
    """Ask how much rows count."""
    weight = pick_one(
        "Weight",
        f"{key} weight",
        names,
        draft.weight,
        help="Survey weights, for example: how many people a row stands for.",
        placeholder="Every row counts once",
    )
    st.caption("How much a row counts: a number of zero or more.")
    return replace(draft, weight=weight)


def type_edges(name: str, typed: str, key: str) -> str:
    """Ask where a numeric attribute is cut into groups."""
    return st.text_input(
        f"Bin edges of {literal(name)}",
        typed,
        key=f"{key} edges {name}",
        placeholder="25, 45, 60",
        help="Numbers at which a new group begins: 25, 60 makes below 25, 25 to below 60, and "
        "60 or more.",
    )


SENSITIVE_HELP = "Grounds on which people must not be treated worse, such as sex, age or origin."
