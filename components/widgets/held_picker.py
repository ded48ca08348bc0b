"""What a table holds, asked first: the answer decides what else is asked and can be claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.widgets.role_draft import DECISIONS, SCORES, RoleDraft
from components.widgets.role_pickers import Labels, pick_decisions, pick_favourable, pick_label
from core.data.roles.past_decisions import seems_decided

if TYPE_CHECKING:
    from collections.abc import Iterable

OUTCOMES = "Outcomes to learn from"
DECIDED = "Decisions that were made"
SCORED = "Scores"
SEVERAL = "Several of these"
_MEANT = {
    OUTCOMES: "What came true for each person, such as whether a loan was paid back: a model is "
    "trained here to tell it from other columns.",
    DECIDED: "Such as who was granted a loan, and not what came true: rates are compared, and "
    "errors are not defined.",
    SCORED: "Numbers such as the points of a test, and not what came true: from a threshold on "
    "they decide.",
    SEVERAL: "Say which. With what came true beside decisions or scores, errors are compared too; "
    "nothing is trained.",
}


def pick_held(draft: RoleDraft, key: str, *, trainable: bool = True) -> RoleDraft:
    """Ask what the table holds; what follows from it is in the draft.

    Parameters
    ----------
    draft : RoleDraft
    key : str
        Begins the widgets' keys.
    trainable : bool, optional
        Whether a model may be trained on the table's outcomes.
    """
    choices = [choice for choice in _MEANT if trainable or choice != OUTCOMES]
    choice = st.radio(
        "What does the table hold?",
        choices,
        index=choices.index(_held(draft)),
        key=f"{key} existing",
        captions=[_MEANT[name] for name in choices],
    )
    outcomes, decided, scored = (
        _several(draft, key)
        if choice == SEVERAL
        else (choice == OUTCOMES, choice == DECIDED, choice == SCORED)
    )
    if not (decided or scored):
        # Outcomes alone can only be learned from.
        decided, outcomes = not trainable, True
    held = replace(draft, outcomes=outcomes, decided=decided, scored=scored)
    # A decision and an outcome may be hoped for differently.
    if _labelled(held) == _labelled(draft):
        return held
    if _labelled(held) == DECISIONS and held.prediction is None and seems_decided(held.target):
        # What was taken for the outcome is the decision; what is known of its label stays.
        return replace(held, prediction=held.target)
    return replace(held, favourable=None)


def pick_without_outcomes(
    draft: RoleDraft,
    key: str,
    decisions: Sequence[str],
    scores: Sequence[str],
    labels: Labels,
    *,
    marked: bool = True,
) -> RoleDraft:
    """Ask for decisions or scores and which of them are hoped for, where no outcome is beside them.

    Parameters
    ----------
    draft : RoleDraft
    key : str
        Begins the widgets' keys.
    decisions, scores : sequence of str
        Columns that are offered as each.
    labels : callable
        From a column to the labels in it.
    marked : bool, optional
        Whether what is guessed is marked so.
    """
    before, draft = draft.prediction, pick_decisions(draft, key, decisions, scores)
    if draft.source == SCORES:
        question = "Is a decision at or above the threshold the favourable outcome?"
        said = pick_favourable(question, f"{key} favourable score", draft.favourable)
        return replace(draft, favourable=said)
    return pick_label(draft, f"{key} decision", draft.prediction, before, labels, marked=marked)


def _labelled(draft: RoleDraft) -> str:
    """Say what the positive label is one of."""
    return draft.source if draft.without_outcomes else OUTCOMES


def _held(draft: RoleDraft) -> str:
    if not draft.existing:
        return OUTCOMES
    if draft.outcomes or (draft.decided and draft.scored):
        return SEVERAL
    return DECIDED if draft.decided else SCORED


def _several(draft: RoleDraft, key: str) -> tuple[bool, bool, bool]:
    """Ask which: true outcomes, decisions, scores."""
    now = (draft.outcomes, draft.decided, draft.scored)
    asked: Iterable[bool] = now if sum(now) > 1 else (True, True, draft.scored)
    names = ("What came true", "Decisions", "Scores")
    with st.container(horizontal=True):
        outcomes, decided, scored = (
            st.checkbox(name, value, key=f"{key} holds {name}")
            for name, value in zip(names, asked, strict=True)
        )
    if outcomes + decided + scored < 2:
        st.caption("Tick two or more, or choose the one that there is above.")
    return outcomes, decided, scored
