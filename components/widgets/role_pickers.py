"""Pickers of roles that the roles page and the page of large tables share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app.session import literal
from components.widgets.pickers import pick_one
from components.widgets.role_draft import DECISIONS
from core.data.roles.suggest_label import suggest_label

if TYPE_CHECKING:
    from components.widgets.role_draft import RoleDraft
    from core.data.roles.suggest import RoleSuggestion

Labels = Callable[[str], Sequence[str]]
"""From a column to the labels in it."""


def pick_outcome(
    draft: RoleDraft,
    key: str,
    names: Sequence[str],
    labels: Labels,
    guesses: RoleSuggestion | None = None,
    *,
    marked: bool = True,
) -> RoleDraft:
    """Ask for the column of outcomes, which label is positive, and whether that is favourable.

    Where the draft started from guesses, those that still stand are marked.
    """
    target = pick_one(
        "Target",
        f"{key} target",
        names,
        draft.target,
        help="The column of true outcomes, such as whether a loan was paid back.",
    )
    st.caption("The column that says what really happened to each person.")
    if guesses is not None and target == guesses.target:
        guess_note(target is not None, guesses.target_reason)
    before, draft = draft.target, replace(draft, target=target)
    return pick_label(draft, key, target, before, labels, marked=marked)


def pick_label(
    draft: RoleDraft,
    key: str,
    column: str | None,
    before: str | None,
    labels: Labels,
    *,
    marked: bool = True,
) -> RoleDraft:
    """Ask which label of a column counts as positive, and whether that is favourable.

    Parameters
    ----------
    draft : RoleDraft
    key : str
        Begins the widgets' keys.
    column, before : str or None
        The column of labels as it is chosen, and as it was: another one starts from what its own
        name and labels say.
    labels : callable
    marked : bool, optional
        Whether what is guessed is marked so: not where a person has saved it.
    """
    found = () if column is None else labels(column)
    guess = suggest_label(column or "", found)
    if column != before:
        draft = replace(draft, positive=guess.positive, favourable=guess.favourable)
    first = "decisions" if draft.without_outcomes else "target"
    left, right = st.columns(2)
    with left:
        positive = pick_one(
            "Positive label",
            f"{key} positive {column}",
            found,
            draft.positive,
            help="All other labels together count as negative.",
            placeholder=f"Choose the {first} first" if column is None else "Choose a label",
        )
        what = "decision" if draft.without_outcomes else "answer"
        st.caption(f"The {what} whose rates are compared between groups.")
    if positive != draft.positive:
        draft = replace(draft, positive=positive, favourable=guess.favourable_if(positive))
    with right:
        said = pick_favourable(
            "Is the positive label the favourable outcome?",
            f"{key} favourable {column} {positive}",
            draft.favourable,
        )
        if marked and positive is not None and said == guess.favourable_if(positive):
            guess_note(said is not None, guess.reason)
    return replace(draft, favourable=said)


def pick_favourable(question: str, key: str, chosen: bool | None) -> bool | None:
    """Let a person say what people hope for; None as long as they haven't."""
    choices = ["Yes, it is favourable", "No, it is adverse"]
    answer = st.radio(
        question,
        choices,
        index=None if chosen is None else 0 if chosen else 1,
        key=key,
        horizontal=True,
        help="Getting a loan is favourable; being judged likely to re-offend is adverse.",
    )
    return None if answer is None else answer == choices[0]


def guess_note(guessed: bool, reason: str) -> None:
    """Mark what was guessed, with the reason; or say why a person is asked."""
    before = "Guessed, to be checked" if guessed else "Not guessed, so please say it"
    st.caption(f":material/lightbulb: {before}: {literal(reason)}.")


def pick_decisions(
    draft: RoleDraft, key: str, decisions: Sequence[str], scores: Sequence[str]
) -> RoleDraft:
    """Ask for the column of existing decisions, that of scores, or a threshold that decides.

    Parameters
    ----------
    draft : RoleDraft
    key : str
        Begins the widgets' keys.
    decisions, scores : sequence of str
        Columns that are offered as each.
    """
    left, right = st.columns(2)
    if draft.source == DECISIONS:
        with left:
            draft = _prediction(draft, key, decisions)
        if not draft.scored:
            return draft
        with right:
            return _score(draft, key, scores)
    with left:
        draft = _score(draft, key, scores)
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


def _score(draft: RoleDraft, key: str, names: Sequence[str]) -> RoleDraft:
    score = pick_one(
        "Score",
        f"{key} score {draft.source}",
        names,
        draft.score,
        help="Numbers that are larger the more likely the positive label is.",
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
