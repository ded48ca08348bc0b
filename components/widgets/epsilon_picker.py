"""Values of ε as a person types them."""

from __future__ import annotations

import streamlit as st

from components.app import session
from core.errors import InputError
from core.privacy.accounting.budget import check_epsilon

DELTA = 1e-6
WITHOUT = "∞ (no privacy)"


def epsilons_picker(
    offered: tuple[str, ...], default: tuple[str, ...], key_prefix: str
) -> list[str]:
    """Let a person choose values of ε, or type others; they are texts until all is drawn."""
    return st.multiselect(
        "Values of ε",
        tuple(dict.fromkeys((*offered, *default))),
        default=default,
        accept_new_options=True,
        help="The privacy budget: the smaller ε, the less any one row can change the model, "
        "and the more noise. Type a number to add one of your own.",
        wrap=True,
        **session.lasting(f"{key_prefix} epsilons"),
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


def epsilon_or_none(text: str) -> float | None:
    """Read a typed ε where ∞ may stand, which is None: no privacy.

    Raises
    ------
    InputError
        If it is neither ∞ nor a finite number above 0.
    """
    return None if text.strip().lower() in (WITHOUT, "∞", "inf") else epsilon_of(text)


def format_epsilon(epsilon: float | None) -> str:
    """Write ε as the picker offers it."""
    return WITHOUT if epsilon is None else f"{epsilon:g}"
