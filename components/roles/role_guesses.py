"""Marks on the role form that tell what was guessed, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components.app.session import literal

if TYPE_CHECKING:
    from core.data.roles.suggest import RoleSuggestion

_SHOWN = 12
"""Most columns whose reasons are told."""


def column_notes(guesses: RoleSuggestion | None, chosen: Sequence[str]) -> None:
    """Say of each chosen column that was guessed by what."""
    if guesses is None:
        return
    reasons = dict(guesses.reasons)
    told = [f"**{literal(name)}**: {literal(reasons[name])}" for name in chosen if name in reasons]
    if told:
        more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
        st.caption(
            f":material/lightbulb: Guessed, to be checked. {'; '.join(told[:_SHOWN])}{more}."
        )
