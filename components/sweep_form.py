"""The controls of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import InputError
from core.learning.learners import LEARNERS
from core.privacy.budget import check_epsilon
from core.tradeoff.sweep import SweepSpec

if TYPE_CHECKING:
    from core.governance.progress import Progress

EPSILONS = ("0.1", "0.5", "1", "2", "4", "8")
DEFAULT_EPSILONS = ("0.5", "1", "4")
DELTA = 1e-6


def sweep_form(progress: Progress) -> SweepSpec:
    """Show the controls and return what they say.

    Raises
    ------
    InputError
        If an ε isn't a number above 0, or nothing is chosen of a kind.
    """
    assert progress.roles is not None
    # With roles in their keys, settings outlive a change of page but not one of roles.
    place = f"{progress.id} sweep {progress.roles.sensitive}"
    private = [learner.name for learner in LEARNERS if learner.private]
    left, right = st.columns(2)
    with left:
        learners = st.multiselect(
            "Private learners",
            private,
            default=private[:2],
            format_func=lambda name: LEARNERS[name].title,
            help="Each is trained with noise, and shown beside its like without privacy.",
            wrap=True,
            key=f"{place} learners",
            persist_state="session",
        )
        typed = epsilons_picker(EPSILONS, DEFAULT_EPSILONS, place)
    with right:
        attribute = st.selectbox(
            "Measure the gap between the groups of",
            progress.roles.sensitive,
            key=f"{place} attribute",
            persist_state="session",
        )
        seeds = st.slider(
            "Seeds",
            1,
            5,
            3,
            help="How often each model is trained, each time with another split of the rows and "
            "other noise. With one seed no spread can be seen.",
            key=f"{place} seeds",
            persist_state="session",
        )
    return SweepSpec(
        tuple(learners),
        tuple(dict.fromkeys(epsilon_of(text) for text in typed)),
        tuple(range(seeds)),
        DELTA,
        attribute,
        progress.domains,
    )


def epsilons_picker(offered: tuple[str, ...], default: tuple[str, ...], place: str) -> list[str]:
    """Let a person choose values of ε, or type others; they are texts until all is drawn."""
    return st.multiselect(
        "Values of ε",
        offered,
        default=default,
        accept_new_options=True,
        help="The privacy budget: the smaller ε, the less any one row can change the model, "
        "and the more noise. Type a number to add one of your own.",
        wrap=True,
        key=f"{place} epsilons",
        persist_state="session",
    )


def epsilon_of(text: str) -> float:
    """Read a typed ε.

    Raises
    ------
    InputError
        If it isn't a finite number above 0.
    """
    try:
        value = float(text)
    except ValueError:
        raise InputError(
            "this isn't a number",
            where=f"ε {text[:40]!r}",
            remedy="Remove it and type a number above 0, such as 0.25",
        ) from None
    return check_epsilon(value)
