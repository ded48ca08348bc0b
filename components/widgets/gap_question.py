"""What is asked of the gap between two groups while a model is in use."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components.app import session

ANY, LIMIT, BEFORE = "Is there any?", "Above a limit?", "Has it changed?"


@dataclass(frozen=True)
class GapAsked:
    """A limit or an earlier gap, on the scale of the figure; neither asks for any gap."""

    limit: float | None = None
    before: float | None = None


def gap_question(key_prefix: str, pair: tuple[str, str]) -> GapAsked | None:
    """Let a person choose the question; None while the earlier gap is missing."""
    left, right = st.columns(2)
    question = left.segmented_control(
        "What about the gap", [ANY, LIMIT, BEFORE], default=ANY, required=True,
        **session.lasting(f"{key_prefix} question"),
    )  # fmt: skip
    if question == ANY:
        return GapAsked()
    if question == LIMIT:
        points = right.number_input(
            "Limit, in points", 0.1, 99.0, 10.0, 0.5, format="%.1f",
            **session.lasting(f"{key_prefix} limit"),
            help="Whichever group is ahead: 10 allows from 10 points less to 10 points more.",
        )  # fmt: skip
        return GapAsked(limit=float(points) / 100)
    earlier = right.number_input(
        "Gap before, in points", -99.0, 99.0, None, 0.5, format="%.1f",
        **session.lasting(f"{key_prefix} before"), placeholder="For example the audit's",
        help="The second group less the first. It is taken as exact: if it was measured on few "
        "people, a change may be that measurement's chance.",
    )  # fmt: skip
    if earlier is None:
        st.caption("Give the gap that there was: of the second group less the first, in points.")
        return None
    return GapAsked(before=float(earlier) / 100)
