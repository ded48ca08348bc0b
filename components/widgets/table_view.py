"""A table as a person sees it: its first rows, its columns, and what was changed on reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from core.data.labels import canonical
from core.data.table import Kind, Notation

if TYPE_CHECKING:
    from core.data.table import Repair, Table

_MANY = 8
NOTATIONS = {
    None: "Find it",
    Notation.DECIMAL_POINT: "1,234.5 (decimal point)",
    Notation.DECIMAL_COMMA: "1.234,5 (decimal comma)",
    Notation.PERCENT_SHARE: "6.2% as a share, 0.062",
    Notation.PERCENT_POINTS: "6.2% as percentage points, 6.2",
    Notation.DAY_FIRST: "31/12/2010 (day first)",
    Notation.MONTH_FIRST: "12/31/2010 (month first)",
}
_CONFIG = {
    "Column": st.column_config.TextColumn(pinned=True, width="medium"),
    "Kind": st.column_config.TextColumn(width="small"),
    "Distinct": st.column_config.NumberColumn(
        help="How many different values there are, missing not counted.", width="small"
    ),
    "Missing": st.column_config.NumberColumn(help="Rows without a value.", width="small"),
    "Examples": st.column_config.TextColumn(help="The most frequent values.", width="large"),
}


def preview(table: Table, rows: int = 6) -> None:
    """Show the first rows as plain text."""
    head = table.frame.head(rows)
    texts = {
        name: ["" if pd.isna(cell) else canonical(cell) for cell in head[name].tolist()]
        for name in head
    }
    st.dataframe(
        pd.DataFrame(texts, dtype=object),
        hide_index=True,
        alt=f"First rows of {table.provenance.name}",
    )


def columns(table: Table) -> None:
    """Show what is known of each column."""
    st.dataframe(
        pd.DataFrame(
            {
                "Column": [column.name for column in table.columns],
                "Kind": [str(column.kind) for column in table.columns],
                "Distinct": [column.distinct for column in table.columns],
                "Missing": [column.missing for column in table.columns],
                "Examples": [", ".join(column.examples) for column in table.columns],
            }
        ),
        hide_index=True,
        column_config=_CONFIG,
        alt="Columns of the table with their kinds",
    )


def reading_picker(table: Table, key: str) -> dict[str, Kind | Notation | None]:
    """Let a person correct what a column holds or how it is written.

    Returns
    -------
    dict of str to Kind, Notation or None
        The correction by column, empty if there is none; None is to find the notation again.
    """
    left, right, last = st.columns(3)
    name = left.selectbox(
        "Column whose kind is wrong",
        [column.name for column in table.columns],
        index=None,
        key=f"{key} column",
        placeholder="None",
        help="A postal code, say, is written in digits but is a category.",
    )
    if name is None:
        return {}
    now = table.column(name).kind
    kinds = [kind for kind in Kind if kind is not Kind.EMPTY or kind is now]
    chosen = right.selectbox(
        "What it holds",
        kinds,
        index=kinds.index(now),
        format_func=str,
        key=f"{key} kind {name} {now}",
        help="Values that do not fit become missing, and are counted.",
    )
    if chosen is not None and chosen is not now:
        return {name: Kind(chosen)}
    declared = dict(table.provenance.notations).get(name)
    if table.provenance.format in ("parquet", "feather") and declared is None:
        return {}
    choices = [None, *Notation]
    notation = last.selectbox(
        "How it is written",
        choices,
        index=choices.index(declared),
        format_func=NOTATIONS.__getitem__,
        key=f"{key} notation {name} {now} {declared}",
        help="Where 1,234 may be one thousand or a little more than one, or 02/03/2010 a day in "
        "February or in March.",
    )
    return {} if notation == declared else {name: notation}


def changes(repairs: Sequence[Repair]) -> None:
    """List what was dropped, filled, recoded or renamed, with how often."""
    lines = [
        f"- {f'**{session.literal(repair.column)}**: ' if repair.column else ''}"
        f"{session.literal(repair.what)} ({repair.count:,} ×)"
        for repair in repairs
    ]
    if len(lines) > _MANY:
        with st.container(height=260):
            st.markdown("\n".join(lines))
    elif lines:
        st.markdown("\n".join(lines))
