"""A table as a person sees it: its first rows, its columns, and what was changed on reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components import session
from core.data.labels import canonical
from core.data.table import Kind

if TYPE_CHECKING:
    from core.data.table import Repair, Table

_MANY = 8
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


def kind_picker(table: Table, key: str) -> dict[str, Kind]:
    """Let a person correct the kind of a column; return the correction, if there is one."""
    left, right = st.columns(2)
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
    return {} if chosen is now or chosen is None else {name: Kind(chosen)}


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
