"""Whom a sweep's private learners hide: single rows, or all rows of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.tradeoff.sweep.grid import Grid


def persons_named(rows: Dataset) -> tuple[str, ...]:
    """Columns of the rows that say which rows are one person's."""
    return () if rows.identifiers is None else tuple(map(str, rows.identifiers))


def person_form(rows: Dataset, first: Grid, key_prefix: str) -> tuple[str | None, int]:
    """Ask whom private learners hide, where a column names persons.

    Returns
    -------
    str or None
        Its column; None for single rows.
    int
        How many rows of each person are used at most.
    """
    offered = persons_named(rows)
    if not offered:
        return None, 1
    known = first.person if first.person in offered else None
    person: str | None = st.selectbox(
        "Whom the guarantee is for",
        (None, *offered),
        (None, *offered).index(known),
        format_func=lambda name: "Each row" if name is None else f"Each person, by column {name}",
        help="If a person may have several rows, a guarantee to rows is weaker for that person.",
        **session.lasting(f"{key_prefix} {offered} person"),
    )
    if person is None:
        return None, 1
    many = int(
        st.number_input(
            "Rows used of each person",
            1,
            1_000_000,
            first.rows_per_person if known else 1,
            help="Set it without looking at the data. More rows are left out; fewer mean less "
            "noise.",
            **session.lasting(f"{key_prefix} {offered} rows per person"),
        )
    )
    st.caption(
        session.literal(
            f"Of each person, by column {person}, at most {many} rows are used, all in the same "
            f"part of the split, and each is hidden with ε / {many}: together with ε. Models "
            "without privacy use the same rows, so that figures compare."
        )
    )
    return person, many
